"""An organization is renamed, suspended, handed over, left, deleted and brought back, all in the browser."""

from walking import *

with browser() as found:
    founder = person(found)
    sign_in(founder)
    found_organization(founder, "Settings & Sons", "settings-sons")
    here = f"{options.address}/settings-sons"

    founder.get_by_role("link", name="Settings", exact=True).first.click() if options.width > 700 else founder.goto(f"{here}/settings")
    heading(founder, "Settings")
    shot(founder, "settings")

    # What is wrong stands at its field, and what was typed stays.
    founder.get_by_label("Name", exact=True).fill("")
    founder.get_by_label("Name in addresses").fill("api")
    founder.get_by_label("Description").fill("Kept while it is mended.")
    founder.get_by_role("button", name="Save changes").click()
    expect(founder.get_by_label("Name in addresses")).to_have_value("api")
    expect(founder.get_by_label("Description")).to_have_value("Kept while it is mended.")
    expect(founder.locator("[aria-invalid=true]")).to_have_count(2)
    shot(founder, "settings-refused")

    # A page kept open over somebody else's change says so, and saves once it was loaded as it is now.
    other = founder.context.new_page()
    other.goto(f"{here}/settings")
    other.get_by_label("Description").fill("From another window.")
    other.get_by_role("button", name="Save changes").click()
    says(other, "Your changes are saved")
    other.goto(f"{here}/members/invitations/new")
    other.get_by_label("E-mail addresses").fill("late@settings.example")
    founder.get_by_label("Name", exact=True).fill("Settings and Daughters")
    founder.get_by_label("Name in addresses").fill("settings-daughters")
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "The organization was changed since you read it")
    expect(founder.get_by_label("Name", exact=True)).to_have_value("Settings and Daughters")
    # Sent again it is refused again: it never showed what it would overwrite.
    founder.get_by_role("button", name="Save changes").click()
    founder.wait_for_load_state()
    says(founder, "The organization was changed since you read it")
    founder.get_by_role("link", name="Load it as it is now").click()
    expect(founder.get_by_label("Name", exact=True)).not_to_have_value("Settings and Daughters")
    founder.get_by_label("Name", exact=True).fill("Settings and Daughters")
    founder.get_by_label("Name in addresses").fill("settings-daughters")
    founder.get_by_role("button", name="Save changes").click()
    says(founder, "Links to /settings-sons lead to /settings-daughters now")
    shot(founder, "renamed")
    # A form that stayed open meanwhile is sent to the old name, and does what it says.
    other.get_by_role("button", name="Send invitations").click()
    heading(other, "1 invitation of 1 sent")
    other.go_back()
    heading(other, "Invite people")
    other.goto(f"{here}/members")
    assert other.url == f"{options.address}/settings-daughters/members", other.url
    other.close()
    here = f"{options.address}/settings-daughters"

    # Taken along as a file, and again: the button is busy for as long as the file is made, and no longer.
    founder.goto(f"{here}/settings/archive")
    for _ in range(2):
        with founder.expect_download() as download:
            founder.get_by_role("button", name="Download the archive").click()
        assert download.value.suggested_filename.startswith("settings-daughters"), download.value.suggested_filename
        assert open(download.value.path(), encoding="utf-8").read().startswith("{")
        if not options.no_script:
            expect(founder.locator("button[aria-busy]")).to_have_count(0)

    # Somebody joins, to hand it over to.
    [link] = invite(founder, "settings-daughters", "heir@settings.example")
    heir = person(found)
    heir.goto(link)
    heir.get_by_role("link", name="Create an account").click()
    sign_up(heir, "Heir Apparent", "heir@settings.example")
    heir.get_by_role("button", name="Join as Heir Apparent").click()
    says(heir, "Welcome to Settings and Daughters")
    handle = heir.goto(f"{options.address}/me") and heir.get_by_label("Handle").input_value()

    # Suspended: a banner for all, nothing offered that isn't possible, and the personal area stays open.
    founder.goto(f"{here}/settings")
    founder.get_by_role("link", name="Suspend", exact=True).click()
    founder.get_by_label("Reason").fill("The books are being checked.")
    shot(founder, "suspend")
    founder.get_by_role("button", name="Suspend Settings and Daughters").click()
    says(founder, "is suspended")
    shot(founder, "suspended")
    founder.goto(f"{here}/members")
    says(founder, "The books are being checked.")
    expect(founder.get_by_role("link", name="Invite people")).to_have_count(0)
    shot(founder, "suspended-members")
    heir.goto(here)
    says(heir, "The books are being checked.")
    expect(heir.get_by_role("link", name="Let it work again")).to_have_count(0)
    heir.goto(f"{options.address}/me")
    heading(heir, "Profile")
    founder.goto(f"{here}/settings/suspension")
    shot(founder, "resume")
    founder.get_by_role("button", name="Let Settings and Daughters work again").click()
    says(founder, "works again")

    # The only admin can't leave; handed over, they can.
    founder.goto(f"{options.address}/me/organizations/settings-daughters/departure")
    says(founder, "You are its only admin")
    shot(founder, "only-admin")
    founder.goto(f"{here}/settings/transfer")
    founder.get_by_label("Who takes over").fill("nobody-here")
    founder.get_by_role("button", name="Hand Settings and Daughters over").click()
    says(founder, "No member has this handle or address")
    shot(founder, "transfer")
    founder.get_by_label("Who takes over").fill(handle)
    founder.get_by_label("Your role afterwards").select_option("viewer")
    founder.get_by_role("button", name="Hand Settings and Daughters over").click()
    says(founder, "is an admin of Settings and Daughters now")
    shot(founder, "handed-over")

    # The heir deletes it: the wrong name first, then the right one; hidden at once, and brought back.
    heir.goto(f"{here}/settings/deletion")
    shot(heir, "delete")
    typed = heir.get_by_label("Type settings-daughters to show that you mean it")
    button = heir.get_by_role("button", name="then for good")
    if options.no_script:
        typed.fill("settings")
        button.click()
        says(heir, 'Type "settings-daughters" to confirm')
        typed = heir.get_by_label("Type settings-daughters to show that you mean it")
        button = heir.get_by_role("button", name="then for good")
    else:
        expect(button).to_be_disabled()
    typed.fill("settings-daughters")
    button.click()
    heading(heir, "Your organizations")
    says(heir, "You can restore it here")
    shot(heir, "deleted")
    assert heir.goto(here).status == 404
    heir.goto(f"{options.address}/me/security")
    says(heir, "Settings and Daughters is deleted.")
    shot(heir, "personal-area-of-the-deleted")
    heir.goto(f"{options.address}/me/organizations")
    heir.get_by_role("button", name="Restore").click()
    says(heir, "is back")
    shot(heir, "restored")

    # A member leaves by themselves.
    founder.goto(f"{options.address}/me/organizations/settings-daughters/departure")
    shot(founder, "leave")
    founder.get_by_role("button", name="Leave Settings and Daughters").click()
    says(founder, "You left Settings and Daughters")
    assert founder.goto(here).status in (200, 404)
    finish()
