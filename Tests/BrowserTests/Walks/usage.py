"""Usage, as it is priced, recorded over the API, explored, filtered, taken back and kept as a file."""

import datetime
import json
import urllib.request

from walking import *


def checked(page, name):
    """What axe and a narrow screen find; both need scripts."""
    return [] if options.no_script else check(page, name)


def call(token, path, body):
    request = urllib.request.Request(
        f"{options.address}/api/v1{path}", json.dumps(body).encode(), {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


with browser() as found:
    ada = person(found)
    sign_in(ada)
    found_organization(ada, "Metered Mill", "metered-mill")
    here = f"{options.address}/metered-mill/usage"

    # Nothing yet: the page says what to do first.
    ada.goto(here)
    says(ada, "Nothing was used yet")
    findings = checked(ada, "no usage")
    shot(ada, "nothing-yet")
    ada.goto(f"{here}/events")
    says(ada, "Nothing was recorded yet")

    # An operator agrees a price; what is wrong stands at its field, and what was typed stays.
    ada.goto(f"{options.address}/metered-mill/credits/prices")
    ada.get_by_label("Resource", exact=True).fill("water power")
    ada.get_by_label("Unit (optional)").fill("second")
    ada.get_by_label("Price in credits").fill("100 0\n2,5")
    ada.get_by_role("button", name="Set the price").click()
    says(ada, "Use 1 to 64 letters")
    expect(ada.get_by_label("Price in credits")).to_have_value("100 0\n2,5")
    shot(ada, "price-refused")
    ada.get_by_label("Resource", exact=True).fill("water")
    ada.get_by_label("Price in credits").fill("100 0\n2.5")
    first = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=20)).strftime("%Y-%m-%d")
    ada.get_by_label("First day").fill(first)
    ada.get_by_label("Note (optional)").fill("A hundred are free.")
    ada.get_by_role("button", name="Set the price").click()
    says(ada, "The price of water holds from")
    expect(ada.get_by_role("table", name="Prices")).to_contain_text("up to 100")
    findings += checked(ada, "prices")
    shot(ada, "prices")

    # Events over the API, some of them days ago.
    ada.goto(f"{options.address}/me/tokens")
    ada.get_by_label("Name", exact=True).fill("Meter")
    ada.get_by_label("Change things, except who has which role").check()
    ada.get_by_role("button", name="Make a token").click()
    says(ada, "gld_pat_")
    token = re.search(r"gld_pat_[A-Za-z0-9_-]{30,}", ada.content()).group()
    now = datetime.datetime.now(datetime.timezone.utc)
    events = []
    for day in range(12):
        at = (now - datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
        events.append({"id": f"turn-{day + 100}", "at": at, "resource": "water", "unit": "second", "quantity": str(40 + day * 17 % 50), "cluster": "north" if day % 3 else "south"})
    events.append({"id": "coal-1", "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "resource": "coal", "unit": "kg", "quantity": "12.5"})
    results = call(token, "/organizations/metered-mill/usage-events", {"source": "mill", "events": events})["results"]
    assert {result["outcome"] for result in results} <= {"recorded", "refused"}, results
    again = call(token, "/organizations/metered-mill/usage-events", {"source": "mill", "events": events})["results"]
    assert all(result["outcome"] != "recorded" for result in again), again

    # The explorer: figures, chart and table say the same.
    ada.goto(here)
    heading(ada, "Usage")
    expect(ada.get_by_role("table", name="Usage by resource")).to_contain_text("water")
    findings += checked(ada, "usage")
    shot(ada, "explorer")
    ada.goto(f"{here}?by=cluster&days=7")
    expect(ada.get_by_role("table", name="Usage by cluster")).to_contain_text("north")
    expect(ada.get_by_role("table", name="Usage by cluster")).to_contain_text("no cluster")
    findings += checked(ada, "usage by cluster")
    shot(ada, "by-cluster")
    ada.goto(f"{here}?resource=water&days=30")
    says(ada, "water by the day")
    shot(ada, "one-resource")
    ada.goto(f"{here}?resource=steam")
    says(ada, "Nothing was used in this time")

    # Taken back: the event says so, and the sums are without it.
    call(token, "/organizations/metered-mill/usage-events", {"source": "mill", "events": [{"id": "mistake-1", "corrects": "coal-1"}]})
    ada.goto(f"{here}/events?id=coal-1")
    says(ada, "taken back by mistake-1")
    findings += checked(ada, "usage events")
    ada.goto(f"{here}/events")
    shot(ada, "events")

    # The file holds what the explorer shows.
    ada.goto(f"{here}?by=cluster&days=30")
    with ada.expect_download() as download:
        ada.get_by_role("link", name="CSV").click()
    lines = open(download.value.path()).read().splitlines()
    assert download.value.suggested_filename == "metered-mill-usage.csv", download.value.suggested_filename
    assert any(",north," in line and ",water,second," in line for line in lines), lines

    # What the operator did stands in the audit, what was used doesn't: its events are the record.
    ada.goto(f"{options.address}/metered-mill/audit")
    says(ada, "set the price of")

    print("\n".join(findings))
    assert not findings, f"{len(findings)} findings"
    finish()
