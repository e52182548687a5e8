"""Policy engines from PyPI (`pip install '.[bench]'`), each asked the same small thing: may a child use a feature now.

They are given what they need already parsed; none of them knows usage, the next stop or when use is allowed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version

CASBIN = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
"""
CEDAR = """
permit(principal, action == Action::"use", resource == Feature::"comment")
when { context.used < 2400 && context.minute >= 360 && context.minute < 1320 };
"""
REGO = """package child
default allow := false
allow if { input.used < 2400; input.minute >= 360; input.minute < 1320 }
"""
SITUATION = {"used": 100, "minute": 700}


def casbin() -> Callable[[], object]:
    """pycasbin: six features of one band."""
    import casbin

    model = casbin.Model()
    model.load_model_from_text(CASBIN)
    enforcer = casbin.Enforcer(model)
    for feature in ("search", "follow", "comment", "gift", "feed", "ranking"):
        enforcer.add_policy("12-16", feature, "use", "allow")
    assert enforcer.enforce("12-16", "comment", "use")
    return lambda: enforcer.enforce("12-16", "comment", "use")


def cedar() -> Callable[[], object]:
    """cedarpy: one policy with a condition on minutes used and on the time of day."""
    import cedarpy

    policies = cedarpy.PolicySet.from_str(CEDAR)
    request = {
        "principal": 'User::"kid"',
        "action": 'Action::"use"',
        "resource": 'Feature::"comment"',
        "context": SITUATION,
    }
    assert cedarpy.is_authorized(request, policies, []).allowed
    return lambda: cedarpy.is_authorized(request, policies, [])


def rego() -> Callable[[], object]:
    """regopy: the same condition."""
    import regopy

    interpreter = regopy.Interpreter()
    interpreter.add_module("child", REGO)

    def ask() -> object:
        interpreter.set_input(SITUATION)
        return interpreter.query("data.child.allow")

    assert "true" in str(ask())
    return ask


def flags() -> Callable[[], object]:
    """Flagsmith flag-engine: one flag and one segment with two conditions."""
    from flag_engine.engine import get_evaluation_result

    conditions = [
        {"property": "age", "operator": "LESS_THAN", "value": "18"},
        {"property": "used", "operator": "LESS_THAN", "value": "2400"},
    ]
    segment = {"key": "1", "name": "minor", "rules": [{"type": "ALL", "conditions": conditions, "rules": []}]}
    context = {
        "environment": {"key": "app", "name": "app"},
        "identity": {"identifier": "kid", "key": "kid", "traits": {"age": 13, "used": 100}},
        "segments": {"1": {**segment, "overrides": []}},
        "features": {"comment": {"key": "1", "name": "comment", "enabled": True, "value": None}},
    }
    assert get_evaluation_result(context)["flags"]["comment"]["enabled"]
    return lambda: get_evaluation_result(context)


PEERS = {"flagsmith-flag-engine": flags, "pycasbin": casbin, "cedarpy": cedar, "regopy": rego}


def peers() -> Iterator[tuple[str, Callable[[], object]]]:
    """Those that are installed, with their versions."""
    for name, make in PEERS.items():
        try:
            call = make()
        except ModuleNotFoundError:
            print(f"  {name} is not here: pip install '.[bench]'")
        else:
            yield f"{name} {version(name)}", call
