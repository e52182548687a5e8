# ruff: noqa: E501  # the table reads best with one code a line
"""The codes of meaning, as `minorguard.policy.codes` reads them: ``severity code | what it says | the way out``."""

MEANING = """
Zones, calendars and presets
error timezone.unknown | a time zone that is not known | write an IANA name, such as `Asia/Shanghai`
warning timezone.preset | a preset that means hours of another zone | make sure that its hours are meant on the policy's clock
error calendar.unknown | a calendar that is not known | use one that ships, `none`, or put one into the `calendars` folder
warning calendar.unknown_year | this year or the next is not announced in the calendar | update the calendar once the year is published; until then no weekday of it counts as holiday
warning calendar.preset | a preset whose holidays are meant by another calendar | name that calendar in the document, or its holidays fall on other days
error preset.unknown | neither a preset nor a document of this folder | correct the id; `minorguard doctor` lists the presets
warning preset.repeated | a preset is extended twice | remove one of the two
warning preset.switch | a switch for rules that are not there | remove it, or switch on a strength that the preset has
warning preset.expired | a preset of which nothing holds any more | extend its successor, or remove it
warning preset.not_yet | a preset of which nothing holds yet | nothing to do if that is known; its rules begin by themselves
warning preset.off | a preset whose rules are all off | switch on the strength that is meant: `{use: …, switch_on: [planned]}`
error preset.source | a preset's rule with a source that is not listed | add the source to `sources` of the preset
error preset.rule | a preset's rule of no section, or of two | give each rule exactly one section; split it
error year.bad | not a year of a calendar | write a year of four digits
error date.year | a date under another year | move it to its year
error date.range | not a break | write `first/last`, with at most 62 days
error date.twice | a date that is a holiday and a make-up workday | remove one of the two
warning date.weekday | a make-up workday from Monday to Friday, which is worked anyway | write the weekend day that is meant

Documents that extend one another
error extends.cycle | documents that extend one another in a circle | take one of them out of the circle
error extends.broken | an extended document that has errors | correct it first; the message names its first error
error extends.zone | an extended document of another zone | write the same zone in both: its hours must stay its hours
error extends.differs | an extended document whose days begin, or count, in another way | make the two the same, or leave the key out of this one
error extends.deep | an extended document that leads to too many others | extend fewer, or join some of them
warning extends.rights | a right of guardians that an extended document does not give | remove it here, or give it there

Bands
error bands.missing | neither bands nor anything that is extended | add a band, or extend a preset
error band.overlap | two bands for one age | end the younger band where the older one begins
warning band.gap | ages that no band covers | add a band for them, or widen a neighbour
warning band.younger_looser | a younger child may do more than an older one | tighten the younger band, or loosen the older one

Time
error daily.incomplete | a table of days with a hole | add the missing kind of day, or `otherwise`
error sitting.break | `break_after` without `break_for`, or the reverse | write both, or neither
warning day.never | a kind of day that never comes without a calendar | name a calendar, or remove the kind
warning day.unreachable | a key of a table of days that is never read, since others name all its days | remove it, or one of the others
warning quota.too_long | a quota that is longer than its period | write at most 24h a day, 168h a week, 744h a month
warning quota.never_binds | a quota that another quota of the document always reaches first | lower it, or remove it
warning quota.longer_than_window | a daily or weekly quota that is longer than the day or week is open | lower it, or open the days for longer
warning quota.zero | warnings or sittings where a quota of nothing leaves no use | remove them, or allow some use
warning quota.brief | a quota of less than a minute | write `40m` if minutes are meant, `0m` if no use is
warning rule.no_effect | a limit of an extended document is stricter | lower yours to have an effect, or remove it
warning curfew.covered | a curfew inside the other spans of the list | remove it, or widen it
warning curfew.outside_windows | a curfew where the windows are closed anyway | remove it, or move it into the windows
warning window.covered | a window inside the other spans of the list | remove it, or move it
warning window.dead | a window wholly inside a curfew | move the window or the curfew, or remove one of them
warning time.never | a kind of day without one open minute | open a window on it; if it is meant, write `0m` for that day under `quota.daily`
warning time.night_only | a band that is open at night and not a minute of the day: a span the wrong way round | exchange the two times of the span; a curfew is closed from the first to the second, a window is open
warning sitting.reset | `resets_after` is longer than the break | write at most the length of the break
warning sitting.break_never | a break that is never due, since use ends before | lower `break_after`, or remove the break
warning sitting.never_opens | `at_least` is more than is ever left | lower `at_least`
warning reminder.never | a reminder that is never told, since use ends before | lower `remind_after`, or remove it
warning warning.never | a warning where nothing ever ends use | add a quota, a curfew, windows or breaks, or remove the warning
warning warning.at_once | a warning before more time than is ever left: it is told at every opening | lower it below the most that can be left
warning warning.order | warnings that are not written largest first, each once | write them largest first, each once

Features and names
error feature.contradiction | a feature with two verdicts | keep one of the two
warning feature.repeated | a feature is written twice | remove one of the two
warning feature.no_effect | a feature that an extended document denies all the same | remove it, or write it under `deny`
warning feature.undeclared | a feature that is not in `features` of the document | correct its spelling, or declare it
warning label.undeclared | a label or topic that is not in `labels` of the document | correct its spelling, or declare it
warning name.near | a name that is nearly another one | correct the spelling; declare `features` and `labels` if both are meant
error surface.unknown | a surface that the document does not declare | correct its spelling, or add it to `surfaces`
warning surface.ungated | a surface that the product's content rules of a band leave ungated, so that nothing is shown there | name it under `surfaces` of the band's content, or leave that key out to gate all
warning surface.void | a preset's rule for surfaces of which the document declares none, so that it gates nothing | add those of its surfaces that the app has to `surfaces`

Money, content, recommendations, notifications
warning spending.unlimited | a spending section without an amount | write `per_purchase`, `per_day` or `per_month`
warning spending.no_effect | an amount that another amount always undercuts | lower it, or remove it
warning spending.currencies | rules that count in two currencies, so that no purchase passes both | use one currency
warning name.repeated | a label, pool or surface that is written twice, or under a name that covers it | remove one of the two
error topic.contradiction | a topic that must be in a list, and must not | change one of the two
warning topic.no_effect | a share of a topic that is blocked, here or by a preset | remove the share, or the block
error percent.sum | shares that add up to more than a list | lower them to 100% together
warning quiet.no_effect | quiet hours where no notification is ever sent | remove them, or allow some notifications
warning author.no_effect | as many items of one author as there are neighbours | lower `max` below `within`

Activities and guardians
warning activity.apart | an activity that is named as if it were part of another, which it is not | give it the other's name, or the other's rules
warning exempt.contradiction | a quota for an activity that is exempt from quotas | remove the quota or the exemption
warning exempt.no_effect | an exemption that a preset does not allow | remove it; the preset's rule holds
error tighten.not_allowed | a guardian tightens a section in which the product does not let them | ask the product to add it to `may_tighten`, or leave it out
error exempt.not_allowed | a guardian exempts what the product does not let | ask the product to add it to `may_exempt`, or leave it out
warning guardian.extend | one grant may give more than a day's grants together | raise `per_day`, or lower `daily`
"""
