"""Which policies are loaded; read only."""

from __future__ import annotations

from minorguard_service.calls import Answer, Call
from minorguard_service.operations import ANYBODY, OK, Group
from minorguard_service.schemas import PoliciesOut

calls = Group("policies")


@calls.call("GET", "/v1/policies", roles=ANYBODY, answers={OK: PoliciesOut})
def list_policies(call: Call) -> Answer:
    """The policies that are loaded, with their digests."""
    loaded = [call.service.policies[id] for id in call.service.policies.ids]
    return Answer({"policies": [{"id": one.id, "revision": one.revision, "digest": one.digest} for one in loaded]})
