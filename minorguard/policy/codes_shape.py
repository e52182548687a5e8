# ruff: noqa: E501  # the table reads best with one code a line
"""The codes of text and shape, as `minorguard.policy.codes` reads them: ``severity code | what it says | the way out``."""

SHAPE = """
The file
error yaml.syntax | the text is not YAML | look at the quotes, colons and indents at this place, or just above it
error yaml.encoding | the file is not UTF-8 | save it as UTF-8 in the editor, or convert it with `iconv -t utf-8`
error yaml.empty | there is no document in the text | begin with `policy: <id>`; `minorguard init` writes a whole example
error yaml.shape | the document is not a mapping | write it as `key: value` lines
error yaml.too_large | the text is over 1 MiB, or has over 20,000 keys and values | split the policy into documents that extend one another
error yaml.too_deep | lists and mappings nest too deeply, or there are too many brackets | flatten the document and write it in block style
error yaml.alias | an anchor or alias | write the value out where it is needed; aliases make documents that grow without bound
error yaml.tag | a tag such as `!!python/object` | remove the tag and write the plain value
error yaml.many_documents | a second document in one file | put each document into a file of its own
error yaml.key | a key that is not a word | write a word before the colon
error file.unreadable | the file cannot be opened | look at its path and at who may read it
error book.empty | a folder without policies | add a file that ends in `.yaml`
error policy.duplicate | one policy id in two files | give one of the two another id
error calendar.duplicate | one calendar in two files | give one of the two another name

Keys and values
error key.unknown | a key that is not known here | correct its spelling, or remove it; the known ones are in the reference
error key.missing | a required key is not there | add the key
error key.duplicate | a key is written twice | remove one of the two; nothing says which was meant
error value.null | nothing is written after a key | write a value, or remove the key
error value.many | a list of more entries than there may be | join those that touch, and name their days together
error value.empty | an empty list or table where an entry is needed | write an entry, or remove the key
error value.shape | a list or a mapping was expected | write `[a, b]` for a list, `key: value` lines for a mapping
error value.text | text was expected, of one line and at most 200 characters | put the value in quotes; leave out what cannot be seen, and shorten it
error value.flag | `true` or `false` was expected | write `true` or `false`; `NO` and `off` are words in YAML 1.2
error value.bad | a value that cannot be used | write it as the reference shows
error name.bad | not an id, or not the name of an activity, feature or label | use letters, digits and `. _ -`
error word.unknown | none of the words that may stand here | write one of the words that the message lists
error section.unknown | not a section of a band | write `all`, or a list of the sections that the message names
error strength.unknown | not a strength that can be switched on | write `planned` or `enjoined`
error kind.unknown | not a kind of rule | write `quota`, `curfew`, `windows`, `sitting`, or `all` for all of them
error day.unknown | not a day | write a weekday, or `school_day`, `weekend`, `holiday`, `makeup_workday`
error day.repeated | one day under two spellings | keep one spelling of the day
error duration.unit | a number without its unit | write `40m` for minutes, `1h` for hours, `90s` for seconds
error duration.bad | not a duration | write hours, minutes and seconds in this order, as in `1h30m`
error duration.range | a duration that is too short or too long here | write one inside the bounds that the message names
error time.bad | not a time of day | write hours and minutes with two digits each, as in `06:30`
error span.bad | not a span | write two times of day with a dash, as in `22:00-06:00`
error span.empty | a span that opens when it closes | write `00:00-24:00` for a whole day, or remove it
error limit.bad | not a limit of uses | write a number and a period, as in `20/day`
error limit.range | a number of uses outside what is allowed | use `deny` for none, and `allow` for any number
error currency.unknown | a currency that is not known | write its ISO 4217 code, such as `CNY` or `USD`
error money.bad | not an amount of money | write a number of whole units with no sign of currency, as in `50` or `50.00`
error money.range | an amount that is negative, or too large | write `0` for no spending at all
error money.decimals | an amount that is finer than its currency can be | write at most as many decimals as the currency has
error rating.bad | not a rating by age | write an age with a plus, as in `12+`
error percent.bad | not a share | write whole per cent, as in `40%`
error percent.range | more than everything | write at most `100%`
error number.bad | not a whole number | write digits alone
error number.range | a number that is too small or too large here | write one inside the bounds that the message names
error band.bad | not an age band | write the first age and the age before which it ends, as in `12-16`
error band.adult | a band that goes past 18 | end it at 18: from then on no rule applies
error date.bad | not a date | write year, month and day, as in `2026-10-01`
"""
