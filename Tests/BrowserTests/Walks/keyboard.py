"""The main job without a mouse: every step by Tab, Enter, Space and the keys that `?` lists; focus is seen wherever it is."""

from walking import *


def tab_to(page, name, limit=60):
    """Presses Tab until the element with this name has the focus, which must be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const e = document.activeElement;
              if (!e || e === document.body) return null;
              const style = getComputedStyle(e);
              const label = e.getAttribute('aria-label') || (e.labels && e.labels[0] && e.labels[0].innerText) || e.innerText || '';
              const box = e.getBoundingClientRect();
              return { label: label.trim(), isSeen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0, isThere: box.width > 0 && box.height > 0 };
            }"""
        )
        if not found:
            continue
        assert found["isSeen"], f"no focus is seen on {found}"
        if found["label"].startswith(name):
            return
    raise AssertionError(f"Tab doesn't reach {name}")


with browser() as found:
    page = person(found)
    page.goto(options.link)
    tab_to(page, "Sign in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Sign in")
    page.goto(f"{options.address}/organizations/new")
    # The browser gives the field its focus with the first frame, which nobody types before.
    expect(page.locator("input[name=name]")).to_be_focused()
    page.keyboard.type("Keys Only")
    page.keyboard.press("Enter")
    heading(page, "Keys Only")

    # The first Tab leads past the frame.
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the page")
    page.keyboard.press("Enter")

    # `i` invites.
    page.goto(f"{options.address}/keys-only/members")
    page.keyboard.press("i")
    expect(page.get_by_label("E-mail addresses")).to_be_focused()
    page.keyboard.type("kay@keys.example\nnobody")

    # Nothing typed is lost by a look at the page below.
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("link", name="Invite people")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("E-mail addresses")).to_have_value("kay@keys.example\nnobody")
    shot(page, "invite-dialog")
    assert not faults(page)
    tab_to(page, "Send invitations")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 invitation of 2 sent")).to_be_focused()
    expect(page.get_by_label("E-mail addresses")).to_have_value("nobody")
    shot(page, "invite-dialog-sent")
    assert not faults(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Invitations 1")).to_be_visible()

    # `o` opens the switcher, arrows go through it, Escape closes it and gives the focus back.
    page.keyboard.press("o")
    expect(page.locator(".switcher")).to_have_attribute("open", "")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('.switcher .panel') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.switcher > summary')")

    # In a switcher with a search, what is typed narrows the list, and an arrow from there leads to the first that fits.
    for place in range(8):
        found_organization(page, f"House {place}", f"house-{place}")
    page.goto(f"{options.address}/me")
    page.keyboard.press("o")
    page.keyboard.type("house 5")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    heading(page, "House 5")
    page.keyboard.press("o")
    page.keyboard.type("no such house")
    expect(page.get_by_text("No organization of yours fits.")).to_be_visible()
    shot(page, "nothing-fits")
    page.keyboard.press("Escape")

    # Where it doesn't show all there are, it asks the server, and keeps to the kind of page.
    page.goto(f"{options.address}/house-1/members")
    page.evaluate(
        """() => {
          document.querySelector('[data-finds]').dataset.asks = '/me/organizations/found?section=members';
          document.querySelector('.places a[href^="/house-5"]').parentElement.remove();
        }"""
    )
    page.keyboard.press("o")
    page.keyboard.type("house 5")
    expect(page.locator(".places li:visible")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{options.address}/house-5/members")
    heading(page, "Members")

    # A row's menu.
    page.goto(f"{options.address}/keys-only/members/invitations")
    tab_to(page, "More for kay@keys.example")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.innerText.trim()") == "Withdraw"
    page.keyboard.press("Enter")
    says(page, "is withdrawn")

    # `/` goes to the search of the list; elsewhere, and with Control and K everywhere, it opens the search for everything.
    page.goto(f"{options.address}/keys-only/members")
    page.keyboard.press("/")
    expect(page.get_by_placeholder("Find by name")).to_be_focused()
    page.keyboard.press("Control+k")
    search = page.get_by_placeholder("Find people in Keys Only")
    expect(search).to_be_focused()
    page.keyboard.type("ada")
    expect(page.locator("#found")).to_contain_text("Ada Lovelace")
    assert not faults(page)
    shot(page, "search")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page).to_have_url(f"{options.address}/keys-only/members")
    page.goto(f"{options.address}/keys-only")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("house 5")
    page.keyboard.press("Enter")
    heading(page, "House 5")

    # `?` lists the keys; Escape closes the list.
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    finish()
