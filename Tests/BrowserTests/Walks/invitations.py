"""Many are invited at once, and each kind of link is opened: signed out, as somebody else, used, withdrawn, replaced, while suspended."""

import re

from walking import *

with browser() as found:
    founder = person(found)
    sign_in(founder)
    found_organization(founder, "Inviters", "inviters")
    here = f"{options.address}/inviters"

    # A table with roles of their own, a name before an address, one twice and one that is none: a result for each.
    links = invite(
        founder,
        "inviters",
        "email, role\nlea@inviters.example, manager\nMax Moor <max@inviters.example>\nlea@inviters.example\nnobody at all\nnina@inviters.example; otto@inviters.example",
        role="viewer",
        days=3,
    )
    heading(founder, "4 invitations of 8 sent")
    assert len(links) == 4, links
    says(founder, "This address stands in the list already.")
    shot(founder, "results")
    if not options.no_script:
        expect(founder.get_by_role("button", name="Copy Link for lea@inviters.example")).to_be_visible()
    founder.goto(f"{here}/members/invitations")
    says(founder, "in 3 days")
    shot(founder, "invitations")

    # Refused as a whole: the message at the field, what was typed kept.
    founder.goto(f"{here}/members/invitations/new")
    founder.get_by_label("Message").fill("Come and see.")
    shot(founder, "invite")
    founder.get_by_role("button", name="Send invitations").click()
    says(founder, "Give at least one address.")
    expect(founder.get_by_label("Message")).to_have_value("Come and see.")
    shot(founder, "invite-refused")

    # Signed out: what it invites to, and two ways in. The secret leaves the address at once.
    lea = person(found)
    lea.goto(links[0])
    assert "token" not in lea.url, lea.url
    heading(lea, "Join Inviters")
    says(lea, "invites you as manager")
    shot(lea, "signed-out")
    lea.get_by_role("link", name="Create an account").click()
    assert "token" not in lea.url and "invitation" not in lea.url, lea.url
    sign_up(lea, "Lea Lind", "lea@inviters.example")
    shot(lea, "signed-in")
    lea.get_by_role("button", name="Join as Lea Lind").click()
    says(lea, "Welcome to Inviters. You are a manager.")

    # Used already: by oneself, by somebody else.
    lea.goto(links[0])
    heading(lea, "This invitation was used")
    says(lea, "You are in already.")
    shot(lea, "used")
    stranger = person(found)
    stranger.goto(links[0])
    heading(stranger, "This invitation was used")
    shot(stranger, "used-signed-out")

    # Somebody else's: told so, and no more; the way to another account leads back.
    lea.goto(links[1])
    says(lea, "It was sent to another address.")
    expect(lea.get_by_role("button", name="Join as")).to_have_count(0)
    shot(lea, "wrong-account")
    lea.get_by_role("button", name="Use another account").click()
    heading(lea, "Sign in")
    lea.get_by_label("E-mail or handle").fill("lea@inviters.example")
    lea.get_by_label("Password", exact=True).fill(PASSWORD)
    lea.get_by_role("button", name="Sign in").click()
    heading(lea, "Join Inviters")

    # Sent again: a new link, and the old one is dead.
    founder.goto(f"{here}/members/invitations?q=max%40")
    founder.get_by_label("More for max@inviters.example").click()
    founder.get_by_role("button", name="Send again").click()
    heading(founder, "1 invitation of 1 sent")
    shot(founder, "sent-again")
    stranger.goto(links[1])
    heading(stranger, "This link doesn't work any more")
    shot(stranger, "replaced")

    # The role changed in its row, from a filtered list that is come back to; the link that was sent stays good.
    founder.goto(f"{here}/members/invitations?q=otto%40")
    choose_role(founder, "otto@inviters.example", "guest")
    says(founder, "otto@inviters.example is invited as guest now")
    expect(role(founder, "otto@inviters.example")).to_have_text("guest")
    expect(founder).to_have_url(re.compile("q=otto"))
    shot(founder, "role-changed")
    with founder.expect_download() as download:
        founder.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename == "inviters-invitations.csv", download.value.suggested_filename
    lines = open(download.value.path(), encoding="utf-8", newline="").read().split("\r\n")
    assert len(lines) == 3 and lines[1].startswith("otto@inviters.example,guest,pending,"), lines

    # What the roles allow, from where one is chosen.
    founder.goto(f"{here}/members/invitations/new")
    founder.get_by_role("link", name="What the roles allow").click()
    heading(founder, "Roles")
    expect(founder.get_by_role("row", name="Delete or restore the organization").get_by_text("yes")).to_have_count(1)
    shot(founder, "roles")

    # Withdrawn.
    founder.goto(f"{here}/members/invitations?q=nina%40")
    founder.get_by_label("More for nina@inviters.example").click()
    founder.get_by_role("button", name="Withdraw").click()
    says(founder, "is withdrawn")
    stranger.goto(links[2])
    heading(stranger, "This invitation was withdrawn")
    shot(stranger, "withdrawn")

    # While the organization is suspended nobody gets in, and the page says so.
    founder.goto(f"{here}/settings/suspension")
    founder.get_by_role("button", name="Suspend Inviters").click()
    says(founder, "is suspended")
    stranger.goto(links[3])
    heading(stranger, "Inviters is suspended")
    shot(stranger, "suspended")
    founder.goto(f"{here}/settings/suspension")
    founder.get_by_role("button", name="Let Inviters work again").click()

    # Declined, and opened once more.
    stranger.goto(links[3])
    says(stranger, "invites you as guest")
    stranger.get_by_role("link", name="Create an account").click()
    sign_up(stranger, "Otto Ohm", "otto@inviters.example")
    stranger.get_by_role("button", name="Decline").click()
    says(stranger, "You declined the invitation.")
    stranger.goto(links[3])
    heading(stranger, "This invitation was declined")
    shot(stranger, "declined")

    # The same person again: in the inbox and in the switcher, with one press.
    invite(founder, "inviters", "otto@inviters.example")
    stranger.goto(f"{options.address}/me/organizations")
    says(stranger, "Inviters")
    shot(stranger, "inbox")
    stranger.locator(".switcher > summary").click()
    shot(stranger, "switcher")
    stranger.get_by_role("button", name="Join Inviters").click()
    says(stranger, "Welcome to Inviters")

    # What happened to one's account, and its end: the wrong handle first, then the right one.
    stranger.goto(f"{options.address}/me/activity")
    says(stranger, "Otto Ohm created the account")
    shot(stranger, "activity")
    stranger.goto(f"{options.address}/me")
    stranger.get_by_role("link", name="Delete", exact=True).click()
    heading(stranger, "Delete your account")
    says(stranger, "You leave 1 organization")
    shot(stranger, "delete-account")
    typed = stranger.get_by_label("Type otto-ohm to show that you mean it")
    typed.fill("otto")
    if options.no_script:
        stranger.get_by_role("button", name="for good").click()
        says(stranger, 'Type "otto-ohm" to confirm')
        typed = stranger.get_by_label("Type otto-ohm to show that you mean it")
    else:
        expect(stranger.get_by_role("button", name="for good")).to_be_disabled()
    typed.fill("otto-ohm")
    stranger.get_by_role("button", name="for good").click()
    heading(stranger, "Sign in")
    says(stranger, "Your account is deleted")
    founder.goto(f"{here}/audit")
    says(founder, "Otto Ohm deleted their account")
    founder.goto(f"{options.address}/me/deletion")
    says(founder, "You are the only operator of this installation.")
    expect(founder.get_by_role("button", name="for good")).to_have_count(0)
    shot(founder, "needed")
    finish()
