"""Teams, as somebody makes one: people added by typing, taken out and back by undoing, a maintainer, another handle, and the end of it."""

from walking import *

with browser() as found:
    ada = person(found)
    sign_in(ada)
    ada.goto(f"{options.address}/analytical-engines/teams")
    heading(ada, "Teams")
    says(ada, "Mill")
    shot(ada, "teams")
    field = ada.get_by_role("searchbox")
    field.fill("no such team")
    field.press("Enter")
    says(ada, "No team fits")
    shot(ada, "nothing-fits")
    ada.goto(f"{options.address}/analytical-engines/teams/new")
    ada.get_by_label("Name", exact=True).fill("Mill")
    ada.get_by_role("button", name="Make the team").click()
    says(ada, "Another team here is called")
    shot(ada, "taken")
    ada.get_by_label("Name", exact=True).fill("Weavers of patterns")
    ada.get_by_role("button", name="Make the team").click()
    heading(ada, "Weavers of patterns")
    says(ada, "Nobody is in this team")
    shot(ada, "empty-team")

    # Several at once, one of whom isn't here.
    ada.get_by_label("Handles or addresses").fill("charles, mary@analytical.example, nobody-here, nightly-report, hypatia@library.example")
    ada.get_by_role("button", name="Add to the team").click()
    says(ada, "nobody-here: Nobody here has this handle or address")
    expect(ada.get_by_label("Handles or addresses")).to_have_value("nobody-here")
    says(ada, "hypatia@library.example")
    shot(ada, "added")

    # Out, and back by undoing; then a maintainer.
    row = ada.get_by_role("row").filter(has_text="Charles Babbage")
    row.locator(".menu > summary").click()
    row.get_by_role("button", name="Make a maintainer").click()
    says(ada, "Charles Babbage maintains the team now.")
    row.locator(".menu > summary").click()
    shot(ada, "menu")
    row.get_by_role("button", name="Take out of the team").click()
    says(ada, "Charles Babbage isn't in the team any more.")
    expect(row).to_have_count(0)
    ada.get_by_role("button", name="Undo").first.click()
    says(ada, "Charles Babbage is in the team now.")
    expect(row).to_contain_text("maintainer")
    shot(ada, "undone")

    # Another handle, and the member's page that tells of the team.
    ada.get_by_label("Handle", exact=True).fill("weavers")
    ada.get_by_role("button", name="Save changes").click()
    says(ada, "Weavers of patterns is saved.")
    assert ada.url.endswith("/teams/weavers"), ada.url
    row.get_by_role("link", name="Charles Babbage").click()
    says(ada, "Weavers of patterns")
    shot(ada, "member")

    ada.goto(f"{options.address}/analytical-engines/teams/weavers")
    ada.get_by_role("link", name="Delete").click()
    heading(ada, "Delete Weavers of patterns")
    shot(ada, "deletion")
    ada.get_by_role("textbox").last.fill("weavers")
    ada.get_by_role("button", name="Delete Weavers of patterns").click()
    says(ada, "Weavers of patterns is deleted.")

    finish()
