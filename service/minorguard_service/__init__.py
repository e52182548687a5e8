"""MinorGuard's HTTP service: parse, ask the guard, answer. Nothing here decides."""
