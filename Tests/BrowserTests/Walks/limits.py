"""Budgets, quotas and alerts: set, reached, told, changed and taken away, with programs that ask over the API."""

import json
import urllib.error
import urllib.request

from walking import *


def checked(page, name):
    """What axe and a narrow screen find; both need scripts."""
    return [] if options.no_script else check(page, name)


with browser() as found:
    ada = person(found)
    sign_in(ada)
    found_organization(ada, "Engine Room", "engine-room")
    here = f"{options.address}/engine-room/credits"
    ada.goto(here)
    ada.get_by_label("Amount", exact=True).fill("1000")
    ada.get_by_role("button", name="Bring the credits in").click()
    says(ada, "1,000 credits came in.")

    ada.goto(f"{options.address}/me/tokens")
    ada.get_by_label("Name", exact=True).fill("Meter")
    ada.get_by_label("Change things, except who has which role").check()
    ada.get_by_role("button", name="Make a token").click()
    says(ada, "gld_pat_")
    token = re.search(r"gld_pat_[A-Za-z0-9_-]{30,}", ada.content()).group()

    def call(path, body):
        """The answer's status, and its body."""
        request = urllib.request.Request(
            f"{options.address}/api/v1/organizations/engine-room/{path}", json.dumps(body).encode(), method="POST",
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    # A budget for a project: what is wrong stands at its field, and what was typed stays.
    ada.goto(f"{here}/budgets")
    says(ada, "No budgets yet")
    findings = checked(ada, "no budgets")
    ada.get_by_role("link", name="Set the first budget").click()
    heading(ada, "Set a budget")
    ada.get_by_label("What for").select_option("project")
    ada.get_by_label("Whose", exact=True).fill("Difference engine")
    ada.get_by_label("Limit", exact=True).fill("12,5")
    ada.get_by_role("button", name="Set the budget").click()
    says(ada, "Write the amount as digits")
    expect(ada.get_by_label("Whose", exact=True)).to_have_value("Difference engine")
    findings += checked(ada, "a new budget")
    ada.get_by_label("Limit", exact=True).fill("100")
    ada.get_by_label("Tell from").fill("80")
    ada.get_by_role("button", name="Set the budget").click()
    says(ada, "The budget of the project Difference engine is set.")
    shot(ada, "budget")

    # A program uses it up, and is told what is missing.
    purpose = {"project": "Difference engine"}
    status, _ = call("charges", {"amount": "85", "ask_first": True, "purpose": purpose})
    assert status == 201, status
    status, refusal = call("charges", {"amount": "20", "ask_first": True, "purpose": purpose})
    assert (status, refusal["code"]) == (402, "budget.exceeded") and "5 credits are missing" in refusal["detail"], refusal
    ada.goto(f"{here}/budgets")
    row = ada.get_by_role("row").filter(has_text="Difference engine")
    expect(row).to_contain_text("85")
    expect(row).to_contain_text("itself")
    findings += checked(ada, "budgets")
    shot(ada, "budgets")

    # It was told, here and above the balance.
    ada.goto(here)
    says(ada, "The budget of the project Difference engine has reached 80 credits")
    ada.goto(f"{here}/alerts")
    says(ada, "85 credits were used in the period that ends on")
    ada.get_by_label("Told when").select_option("amount")
    ada.get_by_role("button", name="Add the rule").click()
    says(ada, "Say at which amount.")
    ada.get_by_label("Amount").fill("950")
    ada.get_by_role("button", name="Add the rule").click()
    says(ada, "told when the balance comes to 950 credits.")
    says(ada, "The balance is at 950 credits or below")
    findings += checked(ada, "alerts")
    shot(ada, "alerts")

    # The budget is raised, and what was told is over.
    ada.goto(f"{here}/budgets")
    ada.get_by_role("link", name="The project Difference engine").click()
    heading(ada, "The project Difference engine")
    ada.get_by_label("Limit", exact=True).fill("500")
    ada.get_by_label("Tell from").fill("400")
    ada.get_by_role("button", name="Save", exact=True).click()
    says(ada, "is changed.")
    findings += checked(ada, "a budget")
    status, _ = call("charges", {"amount": "20", "ask_first": True, "purpose": purpose})
    assert status == 201, status

    # Quotas: two jobs for each, and ten GPUs for the whole organization.
    ada.goto(f"{here}/quotas")
    says(ada, "Nothing is limited yet")
    findings += checked(ada, "no quotas")
    ada.get_by_role("link", name="Set the first quota").click()
    ada.get_by_role("button", name="Set the quota").click()
    says(ada, "Say how much there may be")
    ada.get_by_label("At most").fill("2")
    findings += checked(ada, "a new quota")
    ada.get_by_role("button", name="Set the quota").click()
    says(ada, "Each member may have 2 running jobs.")
    ada.get_by_role("link", name="Set a quota").click()
    ada.get_by_label("Of what").select_option("gpus")
    ada.get_by_label("For whom").select_option("organization")
    ada.get_by_label("At most").fill("10")
    ada.get_by_role("button", name="Set the quota").click()
    says(ada, "The organization may have 10 GPUs.")
    for gpus, expected in [(8, 201), (1, 201), (1, 409)]:
        status, answer = call("leases", {"running_jobs": 1, "gpus": gpus})
        assert status == expected, answer
    assert answer["code"] == "quota.exceeded" and "each member may have" in answer["detail"], answer

    # Bars say what binds.
    ada.goto(f"{here}/quotas?who=ada")
    says(ada, "Each member, which binds")
    says(ada, "2 of 2 running jobs, full")
    says(ada, "9 of 10 GPUs, nearly full")
    findings += checked(ada, "quotas")
    shot(ada, "quotas")
    ada.goto(f"{here}/quotas?who=nobody-here")
    says(ada, "No member has this handle or address")

    # Taken away, it doesn't limit any more.
    ada.goto(f"{here}/quotas")
    ada.get_by_role("link", name="Running jobs").click()
    ada.get_by_role("button", name="Take the quota away").click()
    says(ada, "any more.")
    status, answer = call("leases", {"running_jobs": 1, "gpus": 1})
    assert status == 201, answer

    # The clocks of the organization.
    ada.goto(f"{options.address}/engine-room/settings")
    ada.get_by_label("Time zone").fill("Mars/Olympus")
    ada.locator("form").filter(has=ada.get_by_label("Time zone")).get_by_role("button", name="Save").click()
    says(ada, "Give a time zone by its name")
    ada.get_by_label("Time zone").fill("europe/berlin")
    ada.locator("form").filter(has=ada.get_by_label("Time zone")).get_by_role("button", name="Save").click()
    expect(ada.get_by_label("Time zone")).to_have_value("Europe/Berlin")

    print("\n".join(findings))
    assert not findings, f"{len(findings)} findings"
    finish()
