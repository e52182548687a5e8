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

SECTIONS = """\
    spending: {currency: CNY, per_purchase: 50.00, per_day: 80, per_month: "200.00", only: [game]}
    content:
      surfaces: [feed, search]
      max_rating: 12+
      block: [gambling, violence.graphic]
      pools: [youth]
      text: {fraud: block, abuse: mask, ads: review, default: allow}
    recommendations:
      personalised: false
      autoplay: false
      block: [idol.chasing]
      at_most: {entertainment: 40%}
      at_least: {education: 20%}
      per_author: {max: 2, within: 10}
      items_per_sitting: 60
    notifications: {quiet: ["21:00-08:00", {days: [school_day], span: "08:00-15:00"}], at_most: 3/day}
"""


@pytest.fixture
def demo() -> str:
    return DEMO


@pytest.fixture
def full() -> str:
    """The demo with every section, every right and every vocabulary."""
    text = DEMO.replace("guardian: {", SECTIONS + "guardian: {may_tighten: [time, spending], exit_mode: never, ")
    text = text.replace("      allow: [search, follow]\n", "      allow: [search, follow]\n      ask: [call]\n")
    words = "surfaces: [feed, search]\nfeatures: [search, call]\nlabels: [gambling, violence.graphic]\n"
    return text.replace("activities:\n", words + "activities:\n").replace(
        "[cn-minor-mode-2024, ", "[{use: cn-minor-mode-2024}, "
    )
