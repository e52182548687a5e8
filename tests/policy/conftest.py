"""A full document, as a text that each test may change."""

import pytest

DEMO = """\
policy: short-video
title: {zh: 短视频, en: Short video}
extends: [cn-minor-mode-2024, cn-live-2022]
enforcement: enforce
timezone: Asia/Shanghai
day_starts_at: 04:00
week_starts_on: monday
calendar: CN
slice: 60s
default_activity: video
hold_birthday: true
features_need_lease: true
activities:
  study: {exempt: [quota, curfew]}
  emergency: {exempt: all}
bands:
  12-16:
    time:
      quota:
        daily: {school_day: 40m, weekend: 60m, fri: 50m, otherwise: 40m}
        weekly: 5h
        monthly: 20h
        devices: each
        per_activity: {game: {daily: 30m, weekly: 2h}}
      curfew: [22:00-06:00, {days: [friday, weekend], span: 21:00-07:00}]
      windows: [{days: [fri, weekend, holiday], span: 08:00-24:00}]
      sitting: {remind_after: 30m, break_after: 60m, break_for: 10m, resets_after: 5m, at_least: 2m}
      warn_before: [1m, 10m, 5m]
      grace: 60s
    features:
      default: deny
      allow: [search, follow]
      limit: {comment: 20/day, like: 100/hour, share: 3/sitting}
      deny: [livestream.broadcast, gift.send]
guardian: {may_extend: {daily: 30m, per_day: 60m}, may_exempt: [study]}
"""


@pytest.fixture
def demo() -> str:
    return DEMO
