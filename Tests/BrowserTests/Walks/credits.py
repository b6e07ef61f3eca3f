"""Credits, as they come in, are shared out and used: topped up by an operator, shared, charged over the API, and read back in statement, file and trend."""

import json
import urllib.request
import uuid

from walking import *


def checked(page, name):
    """What axe and a narrow screen find; both need scripts."""
    return [] if options.no_script else check(page, name)


with browser() as found:
    ada = person(found)
    sign_in(ada)
    found_organization(ada, "Counting House", "counting-house")
    here = f"{options.address}/counting-house/credits"

    # Nothing yet: the page says what to do first.
    ada.goto(here)
    says(ada, "No credits yet")
    findings = checked(ada, "no credits")
    shot(ada, "nothing-yet")

    # What is wrong stands at its field, and what was typed stays.
    ada.get_by_label("Amount", exact=True).fill("12,5")
    ada.get_by_label("Note (optional)").fill("Invoice 7")
    ada.get_by_role("button", name="Bring the credits in").click()
    says(ada, "Write the amount as digits")
    expect(ada.get_by_label("Amount", exact=True)).to_have_value("12,5")
    expect(ada.get_by_label("Note (optional)")).to_have_value("Invoice 7")
    shot(ada, "top-up-refused")
    ada.get_by_label("Amount", exact=True).fill("12500")
    ada.get_by_role("button", name="Bring the credits in").click()
    says(ada, "12,500 credits came in.")
    expect(ada.locator(".stats")).to_contain_text("12,500")
    shot(ada, "topped-up")

    # The overdraft, and back by undoing.
    ada.get_by_label("How far below zero").fill("300")
    ada.get_by_role("button", name="Set the overdraft").click()
    says(ada, "The overdraft is 300 credits now.")
    ada.get_by_role("button", name="Undo").first.click()
    says(ada, "The overdraft is 0 credits now.")

    # A share for a project.
    ada.goto(f"{here}/shares")
    says(ada, "No sub-balances yet")
    ada.get_by_role("link", name="Make the first sub-balance").click()
    heading(ada, "New sub-balance")
    ada.get_by_label("A member", exact=True).check()
    ada.get_by_label("Who", exact=True).fill("nobody-here")
    ada.get_by_role("button", name="Make the sub-balance").click()
    says(ada, "No member has this handle or address")
    expect(ada.get_by_label("Who", exact=True)).to_have_value("nobody-here")
    ada.get_by_label("A project", exact=True).check()
    ada.get_by_label("Who", exact=True).fill("Ledgers of brass")
    ada.get_by_label("Amount to begin with").fill("750")
    findings += checked(ada, "a new share")
    shot(ada, "new-share")
    ada.get_by_role("button", name="Make the sub-balance").click()
    heading(ada, "Ledgers of brass")
    expect(ada.locator(".stats")).to_contain_text("750")
    share = ada.url

    # A page kept open over somebody else's change is refused, and keeps what was typed.
    other = ada.context.new_page()
    other.goto(share)
    other.locator("form#setting").get_by_label("Amount").fill("800")
    other.get_by_role("button", name="Save", exact=True).click()
    says(other, "800 credits are left to project Ledgers of brass.")
    other.close()
    ada.locator("form#setting").get_by_label("Amount").fill("10")
    ada.get_by_role("button", name="Save", exact=True).click()
    says(ada, "This sub-balance was changed since you read it")
    ada.get_by_role("link", name="Load it as it is now").click()
    expect(ada.locator(".stats")).to_contain_text("800")

    # More, and less again by undoing.
    ada.locator("form#deposit").get_by_label("By how much").fill("50")
    ada.get_by_role("button", name="Raise", exact=True).click()
    says(ada, "may use 50 credits more.")
    ada.get_by_role("button", name="Undo").first.click()
    says(ada, "may use 50 credits less.")
    expect(ada.locator(".stats")).to_contain_text("800")
    findings += checked(ada, "a share")
    shot(ada, "share")

    # A program charges and holds over the API.
    ada.goto(f"{options.address}/me/tokens")
    ada.get_by_label("Name", exact=True).fill("Meter")
    ada.get_by_label("Change things, except who has which role").check()
    ada.get_by_role("button", name="Make a token").click()
    says(ada, "gld_pat_")
    token = re.search(r"gld_pat_[A-Za-z0-9_-]{30,}", ada.content()).group()

    def call(method, path, body):
        request = urllib.request.Request(
            f"{options.address}/api/v1/organizations/counting-house/{path}", json.dumps(body).encode(), method=method,
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    sub_balance = share.split("/")[-1]
    charge = {"id": str(uuid.uuid4()), "amount": "62.125", "sub_balance": sub_balance, "note": "Brass, a dozen"}
    for _ in range(2):
        call("POST", "charges", charge)
    call("POST", "holds", {"amount": "40", "ceiling": "45", "sub_balance": sub_balance, "note": "Casting"})

    # It stands in the statement once, with its sign, and in the trend.
    ada.goto(f"{here}/statement")
    row = ada.get_by_role("row").filter(has_text="Brass, a dozen")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("−62.125")
    expect(row).to_contain_text("project Ledgers of brass")
    expect(row).to_contain_text("Ada Lovelace")
    findings += checked(ada, "statement")
    shot(ada, "statement")
    ada.get_by_role("combobox", name="What").select_option("post")
    if options.no_script:
        ada.get_by_role("button", name="Filter").click()
    expect(row).to_have_count(0)
    says(ada, "Top-up")
    ada.goto(f"{here}/statement")
    with ada.expect_download() as download:
        ada.get_by_role("link", name="CSV").click()
    lines = open(download.value.path()).read().splitlines()
    assert download.value.suggested_filename == "counting-house-statement.csv", download.value.suggested_filename
    assert any("62.125" in line and "Brass, a dozen" in line for line in lines), lines

    ada.goto(here)
    expect(ada.locator(".stats")).to_contain_text("12,437.875")
    says(ada, "Casting")
    numbers = ada.locator(".chart details")
    numbers.locator("summary").click()
    expect(numbers.get_by_role("row").last).to_contain_text("12,437.875")
    ada.get_by_role("link", name="7 days").click()
    expect(ada.get_by_role("img", name="The balance over 7 days")).to_be_visible()
    findings += checked(ada, "balance")
    shot(ada, "balance")

    # The hold is given back.
    ada.goto(f"{here}/holds")
    findings += checked(ada, "holds")
    row = ada.get_by_role("row").filter(has_text="Casting")
    expect(row).to_contain_text("live")
    row.locator(".menu > summary").click()
    shot(ada, "hold-menu")
    row.get_by_role("button", name="Release").click()
    says(ada, "40 credits are free again.")
    ada.get_by_role("combobox", name="State").select_option("live")
    if options.no_script:
        ada.get_by_role("button", name="Filter").click()
    says(ada, "No hold fits")

    # More is used than there is: what is owed is told, and paid off by the next top-up.
    call("POST", "charges", {"amount": "13000", "note": "A very large engine"})
    ada.goto(here)
    says(ada, "The balance is below zero: 562.125 credits are owed")
    findings += checked(ada, "arrears")
    shot(ada, "arrears")
    ada.get_by_label("Amount", exact=True).fill("562.125")
    ada.get_by_label("Promotional").check()
    ada.get_by_role("button", name="Bring the credits in").click()
    says(ada, "562.125 credits came in.")
    says(ada, "Nothing is available")
    shot(ada, "paid-off")

    # What was done is told in the audit.
    ada.goto(f"{options.address}/counting-house/audit")
    says(ada, "brought in credits for")
    says(ada, "shared out credits to")
    shot(ada, "audit")

    print("\n".join(findings))
    assert not findings, f"{len(findings)} findings"
    finish()
