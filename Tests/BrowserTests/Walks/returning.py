"""Whoever reloads, goes back, sends twice or comes too late finds what they were doing, and nothing is done again."""

import re

from walking import *

LONG = "W" * 128


def tokens(page):
    page.goto(f"{options.address}/me/tokens")
    return page.locator("tbody tr").count()


def make_token(page, name):
    page.goto(f"{options.address}/me/tokens")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make a token").click()
    says(page, "Your new token")


with browser() as found:
    founder = person(found)
    sign_in(founder)
    found_organization(founder, "Returning", "returning")
    here = f"{options.address}/returning"

    # A token is shown once: whoever reloads or comes back finds the list, and none is made again.
    before = tokens(founder)
    make_token(founder, "Nightly")
    shot(founder, "token")
    secret = founder.locator("code", has_text="gld_").first.inner_text()
    founder.reload()
    expect(founder.locator("tbody")).to_contain_text("Nightly")
    expect(founder.locator("body")).not_to_contain_text(secret)
    founder.get_by_role("link", name="Profile").first.click() if options.width > 700 else founder.goto(f"{options.address}/me")
    heading(founder, "Profile")
    founder.go_back()
    heading(founder, "Access tokens")
    expect(founder.locator("body")).not_to_contain_text(secret)
    stranger = person(found)
    stranger.goto(founder.url)
    assert secret not in stranger.content()
    assert tokens(founder) == before + 1

    links = invite(founder, "returning", "mona@returning.example\nzoe@returning.example, emperor")
    heading(founder, "1 invitation of 2 sent")
    says(founder, "is no role")
    expect(founder.get_by_label("E-mail addresses")).to_have_value("zoe@returning.example, emperor")
    shot(founder, "invited")
    founder.reload()
    assert [text.strip() for text in founder.locator("code").filter(has_text="/join?token=").all_text_contents()] == links
    founder.goto(f"{here}/audit")
    expect(founder.locator(".timeline .what", has_text="invited mona@")).to_have_count(1)

    # Faults stand at their fields, and none is swallowed.
    founder.goto(f"{options.address}/me/tokens")
    founder.get_by_label("Name").fill("Too long")
    founder.get_by_label("Days until it expires").fill("99999")
    founder.get_by_role("button", name="Make a token").click()
    says(founder, "Choose 1 to 366 days.")
    shot(founder, "too-many-days")

    # Back after an error leads to the page, not to the browser's refusal to send a form again.
    if not options.no_script:
        founder.get_by_label("Days until it expires").fill("0.5")
        founder.get_by_label("Name").fill("")
        founder.get_by_role("button", name="Make a token").click()
        says(founder, "2 fields need a look")
        founder.goto(f"{options.address}/me")
        founder.go_back()
        heading(founder, "Access tokens")
        founder.go_back()
        heading(founder, "Access tokens")

    # Two windows: the second finds it done.
    guest = person(found)
    guest.goto(links[0])
    guest.get_by_role("link", name="Create an account").click()
    sign_up(guest, "Mona Moss", "mona@returning.example")
    guest.get_by_role("button", name="Join as").click()
    says(guest, "Welcome to Returning. You are a member.")

    founder.goto(f"{here}/members?q=mona")
    second = founder.context.new_page()
    second.goto(f"{here}/members?q=mona")
    founder.get_by_label("More for Mona Moss").click()
    founder.get_by_role("button", name="Suspend").click()
    says(founder, "Mona Moss is suspended")
    expect(founder).to_have_url(re.compile("q=mona"))

    # Kept out for now: the start page says so and leads everywhere else.
    guest.goto(options.address)
    says(guest, "you are suspended")
    shot(guest, "suspended")
    expect(guest.locator("tbody").get_by_role("link", name="Returning")).to_have_count(0)
    guest.goto(here)
    says(guest, "Your membership is suspended")
    shot(guest, "refused")
    guest.get_by_role("link", name="Your organizations").last.click()
    heading(guest, "Your organizations")
    guest.goto(f"{options.address}/me")
    heading(guest, "Profile")

    guest.goto(f"{options.address}/me/organizations/returning/departure")
    founder.get_by_label("More for Mona Moss").click()
    founder.get_by_role("button", name="Remove from").click()
    says(founder, "Mona Moss is no longer a member")
    # A page kept open over one's own removal: what is sent from it is refused, and the way on is there.
    guest.get_by_role("button", name="Leave").click()
    expect(guest.get_by_role("link", name="Your organizations").last).to_be_attached()
    shot(guest, "removed-meanwhile")
    guest.go_back()
    assert guest.goto(here).status == 404
    second.get_by_label("More for Mona Moss").click()
    second.get_by_role("button", name="Remove from").click()
    says(second, "Somebody may have been faster")
    heading(second, "Members")
    for page in [founder, second]:
        page.goto(f"{here}/members/former")
    founder.get_by_role("button", name="Reinstate").click()
    says(founder, "Mona Moss is a member again")
    second.get_by_role("button", name="Reinstate").click()
    says(second, "Somebody may have been faster")
    shot(second, "reinstated-twice")

    # The session ended elsewhere: what was sent too late leads to the sign-in, and from there back.
    guest.goto(f"{options.address}/me")
    other = person(found)
    other.goto(f"{options.address}/sign-in")
    other.get_by_label("E-mail or handle").fill("mona@returning.example")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.goto(f"{options.address}/me/security")
    other.get_by_role("button", name="Sign out everywhere else").click()
    guest.get_by_label("Name", exact=True).fill("Mona Marsh")
    guest.get_by_role("button", name="Save").click()
    heading(guest, "Sign in")
    says(guest, "You were signed out in the meantime")
    shot(guest, "signed-out")
    guest.get_by_label("E-mail or handle").fill("mona@returning.example")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Sign in").click()
    heading(guest, "Profile")
    if not options.no_script:
        # What was typed came along.
        expect(guest.get_by_label("Name", exact=True)).to_have_value("Mona Marsh")

        # Without a network nothing is sent, and nothing typed is lost.
        guest.context.set_offline(True)
        guest.get_by_label("Name", exact=True).fill("Mona Meadow")
        guest.get_by_role("button", name="Save").click()
        says(guest, "You are offline, so nothing was sent")
        expect(guest.get_by_label("Name", exact=True)).to_have_value("Mona Meadow")
        shot(guest, "offline")
        guest.context.set_offline(False)

        # A filter that was chosen can be gone back from.
        founder.goto(f"{here}/members")
        founder.get_by_role("combobox", name="Role", exact=True).select_option("admin")
        expect(founder).to_have_url(re.compile("role=admin"))
        founder.go_back()
        expect(founder).to_have_url(f"{here}/members")
        expect(founder.locator("tbody")).to_contain_text("Mona Moss")

        # Where colours are somebody's own, one tab looks chosen, and one alone.
        bold = person(found, forced_colors="active")
        bold.context.add_cookies(founder.context.cookies())
        bold.goto(f"{here}/members")
        colours = bold.eval_on_selector_all(".tabs a", "(links) => links.map((a) => getComputedStyle(a).borderBlockEndColor)")
        assert colours[0] not in colours[1:] and len(set(colours[1:])) == 1, colours

    # Whatever is typed into whichever field comes back as it was typed, and is no markup anywhere.
    hostile = '"><b class="injected">שלום</b><script>alert(1)</script> 🏛 &amp;'
    founder.goto(f"{here}/settings")
    founder.evaluate("document.querySelectorAll('[maxlength]').forEach((field) => field.removeAttribute('maxlength'))")
    for label in ["Name", "Name in addresses", "Description", "Billing address"]:
        founder.get_by_label(label, exact=label == "Name").fill(hostile + "x" * 10_000)
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "4 fields need a look")
    expect(founder.get_by_label("Description")).to_have_value(hostile + "x" * 10_000)
    assert founder.evaluate("document.documentElement.scrollWidth") <= options.width
    shot(founder, "all-too-long")
    founder.goto(f"{here}/settings")
    founder.get_by_label("Name", exact=True).fill(hostile)
    founder.get_by_label("Description").fill(hostile)
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "Your changes are saved")
    founder.goto(f"{here}/members/invitations/new")
    founder.get_by_label("E-mail addresses").fill(hostile)
    founder.get_by_label("Message").fill(hostile)
    founder.get_by_role("button", name="Send invitations").click()
    heading(founder, "0 invitations of")
    for path in [here, f"{here}/settings", f"{here}/roles", f"{here}/audit", f"{options.address}/me/organizations"]:
        founder.goto(path)
        expect(founder.locator("body")).to_contain_text("שלום</b>")
        expect(founder.locator(".injected")).to_have_count(0)
        assert founder.evaluate("document.documentElement.scrollWidth") <= options.width, path
    shot(founder, "hostile")
    founder.goto(f"{here}/settings")
    founder.get_by_label("Name", exact=True).fill("x")
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "Your changes are saved")
    founder.goto(here)
    heading(founder, "x")

    # A name of 128 letters in one word makes no page wider than the window.
    founder.goto(f"{here}/settings")
    founder.get_by_label("Name", exact=True).fill(LONG)
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "Your changes are saved")
    for path in ["", "/members", "/members/former", "/audit", "/settings", "/settings/deletion", "/settings/transfer", "/settings/suspension", "/settings/archive"]:
        founder.goto(here + path)
        wide = founder.evaluate("document.documentElement.scrollWidth")
        assert wide <= options.width, f"{path} is {wide} pixels wide"
        shot(founder, f"long{path.replace('/', '-')}")
    founder.goto(f"{options.address}/me/organizations")
    assert founder.evaluate("document.documentElement.scrollWidth") <= options.width
    shot(founder, "long-list")
    finish()
