"""Storage adapters: bytes by key, changed by compare-and-set. No rule, no clock, no meaning."""
