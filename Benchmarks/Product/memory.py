"""C2: resident memory with 10,000 members, after the start and after a thousand mixed requests."""
from .machine import Server, figure
from .seed import PASSWORD, Seed


def measure(machine, quick):
    seed = Seed.of(machine, 10_000).copy(machine)
    organization = f"/api/v1/organizations/{seed.slug}"
    with Server.guildhall(machine, seed.path, "--rate-limits", "off", path="/readyz") as server:
        figure("C2.start", server.resident() / 1e6, "MB", "after the first answer", bar=80, goal=48)
        people = seed.facts["sample"]
        for number in range(1000):
            person = people[number % len(people)]
            match number % 10:
                case 0 | 1 | 2: server.ask("GET", f"{organization}/members/{person['id']}", token=seed.token)
                case 3 | 4: server.ask("GET", f"{organization}/members?limit=50&order={'name' if number % 20 == 3 else 'since'}", token=seed.token)
                case 5: server.ask("GET", f"{organization}/members?search={person['name'][-5:].replace(' ', '+')}", token=seed.token)
                case 6: server.ask("GET", f"{organization}/events", token=seed.token)
                case 7: server.ask("POST", f"{organization}/invitations", {"email": f"guest{number}@example.org", "roles": ["guest"]}, seed.token)
                case 8: server.ask("GET", organization, token=seed.token)
                case 9:
                    if number % 50 == 9:
                        server.ask("POST", "/api/v1/sessions", {"login": people[number % 40]["handle"], "password": PASSWORD})
                    else:
                        server.ask("GET", "/api/v1/openapi.json") if number % 100 == 19 else server.ask("GET", "/api/v1/installation")
        figure("C2.used", server.resident() / 1e6, "MB", "after 1,000 mixed requests", bar=80, goal=48)
