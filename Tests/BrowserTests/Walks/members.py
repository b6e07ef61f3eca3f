"""Members are filtered, sorted, changed many at once, removed and taken along as a file; the audit tells who did it."""

import re

from walking import *

NAMES = ["Anna Berg", "Ben Ås", "عائشة الحسن", "<b>Bold</b> & Co", "🦊 Fox"]

with browser() as found:
    founder = person(found)
    sign_in(founder)
    found_organization(founder, "Members Inc", "members-inc")
    here = f"{options.address}/members-inc"
    shot(founder, "first-steps")
    links = invite(founder, "members-inc", "\n".join(f"m{place}@members.example" for place in range(len(NAMES))))
    for name, link, place in zip(NAMES, links, range(len(NAMES))):
        guest = person(found)
        guest.goto(link)
        guest.get_by_role("link", name="Create an account").click()
        sign_up(guest, name, f"m{place}@members.example")
        guest.get_by_role("button", name="Join as").click()
        says(guest, "Welcome to Members Inc")
        guest.context.close()

    founder.goto(f"{here}/members")
    rows = founder.locator("tbody tr")
    expect(rows).to_have_count(6)
    for name in NAMES:
        says(founder, name)
    shot(founder, "members")

    # Filters stand in the address.
    if options.no_script:
        founder.get_by_placeholder("Find by name").fill("berg")
        founder.get_by_role("button", name="Filter").click()
    else:
        founder.get_by_placeholder("Find by name").press_sequentially("berg")
    expect(founder.locator("tbody tr")).to_have_count(1)
    expect(founder).to_have_url(re.compile("q=berg"))
    founder.goto(f"{here}/members?role=admin")
    expect(founder.locator("tbody tr")).to_have_count(1)
    founder.goto(f"{here}/members?q=nobody+like+this")
    says(founder, "Nobody fits")
    shot(founder, "nobody-fits")

    # The menu of the last row, and of an only one, is seen whole.
    for path in ["members", "members?q=berg"]:
        founder.goto(f"{here}/{path}")
        menu = founder.locator("tbody .menu").last
        menu.locator("summary").click()
        settle(founder)
        hidden = menu.locator(".item").evaluate_all(
            "items => items.filter((item) => { const box = item.getBoundingClientRect(); return document.elementFromPoint(box.left + 9, box.top + box.height / 2)?.closest('.item') !== item; }).map((item) => item.innerText)"
        )
        assert not hidden, f"{path}: {hidden}"
        shot(founder, "row-menu")

    # The order, by the head of a column.
    founder.goto(f"{here}/members?order=since")
    expect(founder.locator("tbody tr").last).to_contain_text("Ada Lovelace")
    assert founder.locator("th[aria-sort=descending]").count() == 1

    # Several at once: roles, and what can't be done says why.
    founder.goto(f"{here}/members")
    for name in ["Anna Berg", "Ben Ås", "Ada Lovelace"]:
        founder.get_by_label(f"Pick {name}").check()
    shot(founder, "picked")
    founder.get_by_label("Role for the picked").select_option("viewer")
    founder.get_by_role("button", name="Change role").click()
    heading(founder, "2 of 3 members done")
    says(founder, "without an active admin")
    shot(founder, "bulk-result")
    founder.get_by_role("link", name="Back to the members").click()
    expect(role(founder, "Anna Berg")).to_have_text("viewer")

    # One role, inline, from a filtered list that is come back to.
    founder.goto(f"{here}/members?q=anna")
    choose_role(founder, "Anna Berg", "manager")
    says(founder, "Anna Berg is a manager now")
    expect(founder).to_have_url(re.compile("q=anna$"))
    shot(founder, "undo")
    founder.get_by_role("button", name="Undo").click()
    says(founder, "Anna Berg is a viewer now")
    expect(founder).to_have_url(re.compile("q=anna$"))
    choose_role(founder, "Anna Berg", "manager")
    says(founder, "Anna Berg is a manager now")

    # By keyboard an arrow only chooses: Escape takes it back, Enter saves, and the focus stays in the row.
    if not options.no_script:
        founder.goto(f"{here}/members?q=anna")
        word = role(founder, "Anna Berg")
        picker = founder.get_by_role("combobox", name="Role of Anna Berg", exact=True)
        word.focus()
        founder.keyboard.press("Enter")
        expect(picker).to_be_focused()
        founder.keyboard.press("ArrowDown")
        expect(picker).to_have_value("billing")
        expect(founder.get_by_role("button", name="Set")).to_be_visible()
        assert not faults(founder)
        shot(founder, "role-chosen")
        founder.keyboard.press("Escape")
        expect(word).to_be_focused()
        expect(word).to_have_text("manager")
        founder.reload()
        expect(word).to_have_text("manager")
        word.focus()
        founder.keyboard.press("Enter")
        founder.keyboard.press("ArrowDown")
        founder.keyboard.press("Enter")
        says(founder, "Anna Berg is in charge of billing now")
        expect(word).to_be_focused()
        founder.keyboard.press("Enter")
        founder.keyboard.press("ArrowUp")
        founder.keyboard.press("Tab")
        says(founder, "Anna Berg is a manager now")

    # Several roles and a last day, on the member's own page.
    founder.get_by_role("link", name="Anna Berg", exact=True).click()
    founder.get_by_role("checkbox", name="billing Billing").check()
    founder.get_by_label("Last day").fill("2031-12-31")
    shot(founder, "member")
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "Anna Berg is a manager and in charge of billing now, until 31 December 2031")
    founder.get_by_label("Last day").fill("2001-01-01")
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "Choose an instant in the future")
    shot(founder, "member-refused")

    # A page kept open over a change: refused, and said.
    founder.goto(f"{here}/members")
    if options.no_script:
        role(founder, "Ben Ås").click()
    other = founder.context.new_page()
    other.goto(f"{here}/members?q=ben")
    choose_role(other, "Ben Ås", "guest")
    says(other, "Ben Ås is a guest now")
    other.close()
    if options.no_script:
        founder.get_by_role("combobox", name="Role of Ben Ås", exact=True).select_option("manager")
        founder.get_by_role("button", name="Set").click()
    else:
        choose_role(founder, "Ben Ås", "manager")
    says(founder, "The member was changed since you read it")

    # Removed together, after a look at the consequences, and one brought back.
    for name in ["Ben Ås", "🦊 Fox"]:
        founder.get_by_label(f"Pick {name}").check()
    founder.get_by_role("button", name="Remove", exact=True).first.click()
    heading(founder, "Remove 2 members from Members Inc")
    shot(founder, "remove-many")
    founder.get_by_role("button", name="Remove 2 members").click()
    says(founder, "2 members are removed")
    founder.goto(f"{here}/members/former")
    says(founder, "🦊 Fox")
    shot(founder, "former")
    founder.get_by_role("row", name="Fox").get_by_role("button", name="Reinstate").click()
    says(founder, "🦊 Fox is a member again")

    # The list as a file.
    founder.goto(f"{here}/members")
    with founder.expect_download() as download:
        founder.get_by_role("link", name="Download CSV").click()
    lines = open(download.value.path(), encoding="utf-8", newline="").read().split("\r\n")
    assert download.value.suggested_filename == "members-inc-members.csv", download.value.suggested_filename
    assert len(lines) == 7 and any("Anna Berg" in line for line in lines), lines

    # Who did it.
    founder.goto(f"{here}/audit?action=member.update")
    says(founder, "changed the roles or expiry of")
    founder.locator("details summary", has_text="What changed").first.click()
    shot(founder, "audit")
    founder.goto(f"{here}/audit?verify=yes&outcome=refused")
    says(founder, "The chain is intact")
    shot(founder, "audit-refused")
    for text, name in [("JSON lines", "members-inc-audit.jsonl"), ("CSV", "members-inc-audit.csv")]:
        founder.goto(f"{here}/audit")
        founder.locator("summary", has_text="Export").click()
        settle(founder)
        box = founder.locator(".menu[open] .panel").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= options.width, box
        assert founder.evaluate("document.documentElement.scrollWidth") <= options.width
        shot(founder, "export")
        with founder.expect_download() as download:
            founder.get_by_role("link", name=text).click()
        assert download.value.suggested_filename == name, download.value.suggested_filename
        assert open(download.value.path(), encoding="utf-8").read().count("\n") > 10
    founder.goto(here)
    shot(founder, "overview")
    finish()
