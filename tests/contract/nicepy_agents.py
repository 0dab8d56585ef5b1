"""Asks NicePy for agents, states, skills and dispositions; prints them as JSON. Hosts are mapped as in `nicepy_client`."""

import json
import sys
from urllib.parse import urlsplit

import requests

EMULATOR = sys.argv[1]
send = requests.Session.send


def mapped(session, request, **options):
    if urlsplit(request.url).hostname.endswith("niceincontact.com"):
        request.url = EMULATOR + request.url.split("niceincontact.com", 1)[1]
    return send(session, request, **options)


requests.Session.send = mapped

from NicePy import Agents, Dispositions  # noqa: E402 - it reads its configuration when imported

print(
    json.dumps(
        {
            "agents": Agents.GetAgents(),
            "names": Agents.GetAgents(includeFields="userName", isActive=True),
            "inactive": Agents.GetInactiveAgents(),
            "states": Agents.GetAgentStates(),
            "skills": Agents.GetAgentSkillAssignments(),
            "dispositions": Dispositions.GetDispositions(),
        }
    )
)
