"""A second note of every rule's ages, activity, strength and dates: to change one is to change both."""

from minorguard.policy import builtin_presets

LEDGER = """
au-under-16 accounts 0-16 - law 2025-12-10
cn-ai-companion-2026 consent 0-14 - law 2026-07-15
cn-ai-companion-2026 virtual-kin 0-18 - law 2026-07-15
cn-ai-companion-2026 rest-reminder 0-18 companion law 2026-07-15
cn-algorithm-2022 interest-tags 0-18 - law 2022-03-01
cn-content-ecosystem-2020 illegal 0-18 - law 2020-03-01
cn-content-ecosystem-2020 key-places 0-18 - law 2020-03-01
cn-game-2019 night 0-18 game law 2019-11-01
cn-game-2019 daily 0-18 game law 2019-11-01 2021-09-01
cn-game-2019 spending-0-8 0-8 game law 2019-11-01
cn-game-2019 spending-8-16 8-16 game law 2019-11-01
cn-game-2019 spending-16-18 16-18 game law 2019-11-01
cn-game-2021 windows 0-18 game law 2021-09-01
cn-game-2021 night 0-18 game law
cn-live-2022 night 0-18 live law 2022-05-07
cn-live-2022 broadcast 0-16 - law
cn-live-2022 broadcast-16-18 16-18 - law
cn-live-2022 tipping 0-18 - law 2022-05-07
cn-live-2022 tip-ranking 0-18 - law 2022-05-07
cn-may-affect-2026 recommendations 0-18 - law 2026-03-01
cn-may-affect-2026 key-places 0-18 - law 2026-03-01
cn-may-affect-2026 warning 0-18 - law 2026-03-01
cn-minor-mode-2024 daily-under-16 0-16 - default 2024-11-15
cn-minor-mode-2024 daily-16-18 16-18 - default 2024-11-15
cn-minor-mode-2024 rest-reminder 0-18 - default 2024-11-15
cn-minor-mode-2024 curfew 0-18 - default 2024-11-15
cn-minor-mode-2024 stranger-messages 0-18 - default 2024-11-15
cn-minors-law consent 0-14 - law
cn-minors-law game-night 0-18 game law
cn-minors-law broadcast 0-16 - law
cn-minors-law broadcast-16-18 16-18 - law
cn-minors-regs-2024 harmful 0-18 - law 2024-01-01
cn-minors-regs-2024 warning 0-18 - law 2024-01-01
cn-minors-regs-2024 key-places 0-18 - law 2024-01-01
cn-minors-regs-2024 marketing 0-18 - law 2024-01-01
cn-minors-regs-2024 push 0-18 - law 2024-01-01
cn-minors-regs-2024 fan-economy 0-18 - law 2024-01-01
cn-minors-regs-2024 account-rental 0-18 - law 2024-01-01
cn-minors-service-2024 dedicated 0-18 - law 2024-01-01
cn-youth-practice daily 0-18 - practice 2019-03-28
cn-youth-practice curfew 0-18 - practice 2019-03-28
cn-youth-practice features 0-18 - practice 2019-03-28
cn-youth-practice content-pool 0-18 - practice 2019-03-28
cn-youth-practice game-spending 0-12 game practice
eu-dsa-art28 private 0-18 - default 2025-07-14
eu-dsa-art28 autoplay 0-18 - default 2025-07-14
eu-dsa-art28 streaks 0-18 - default 2025-07-14
eu-dsa-art28 push 0-18 - default 2025-07-14
eu-dsa-art28 loot-boxes 0-18 - practice 2025-07-14
eu-dsa-art28 screenshots 0-18 - practice 2025-07-14
eu-dsa-art28 profiling-ads 0-18 - law
in-dpdp-s9 consent 0-18 - planned
in-dpdp-s9 tracking 0-18 - planned
uk-childrens-code geolocation 0-18 - default 2021-09-02
uk-childrens-code profiling 0-18 - default 2021-09-02
uk-ofcom-children-2025 feeds 0-18 - law 2025-07-25
uk-under-16-planned accounts 0-16 - planned
uk-under-16-planned quiet-night-16-18 16-18 - planned
uk-under-16-planned contact-16-18 16-18 - planned
uk-under-16-planned autoplay-16-18 16-18 - planned
us-ca-sb976 feed 0-18 - law 2025-09-09
us-ca-sb976 quiet-night 0-18 - law 2025-09-09
us-ca-sb976 access-night 0-18 - default 2025-09-09
us-ca-sb976 feed-daily 0-18 feed default 2025-09-09
us-coppa disclosure 0-13 - law 2025-06-23
us-ny-safe quiet-night 0-18 - law 2027-01-25
us-va-sb854 daily 0-16 - enjoined 2026-01-01
vn-decree-147 per-game 0-18 game law 2024-12-25
vn-decree-147 per-provider 0-18 game law 2024-12-25
vn-decree-147 rest-reminder 0-18 game law 2024-12-25
"""
"""Preset, rule, ages, activity (`-`: all, or none that matters), strength, first date, date after the last."""


def noted(preset, rule):
    """A rule as the ledger writes it."""
    only = {name for found in (*rule.time, *rule.spending) for name in found.only or ()}
    dates = [day.isoformat() for day in (rule.origin.effective_from, rule.origin.effective_to) if day is not None]
    words = [preset.id, rule.id, str(rule.ages), ",".join(sorted(only)) or "-", rule.origin.strength.value, *dates]
    return " ".join(words)


def test_every_rule_is_as_the_ledger_has_it():
    """No age, activity, strength or date changes by accident."""
    rules = [noted(preset, rule) for preset in builtin_presets().values() for rule in preset.rules]
    assert rules == LEDGER.split("\n")[1:-1]
