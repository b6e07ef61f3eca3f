"""Every form of every page is sent, well or badly filled in, and then left by the back button: the page it stood on is there again, and nothing is done twice."""

from walking import *

# What ends the session of the walk, and what a script changes in place.
LEAVES = re.compile("sign-out|/theme")
SEPARATE = """(place) => {
  const forms = [...document.querySelectorAll('form[method=post]')].filter((form) => !form.closest('dialog'));
  return place == null ? forms.map((form) => form.getAttribute('action')) : forms[place];
}"""

# The buttons of rows stand outside of the form that they send.
BUTTON = "(form) => form.requestSubmit(form.querySelector('button[type=submit]') ?? document.querySelector(`button[form='${form.id}']`))"


def events(page, slug):
    """How many events the log of the organization has."""
    page.goto(f"{options.address}/{slug}/audit?verify=yes")
    return int(re.search(r"([\d,]+) events", page.locator("main").inner_text()).group(1).replace(",", ""))


def fill(form, text):
    """Writes the text into every field that is seen, and leaves choices as they stand."""
    for field in form.locator("input:not([type=hidden]):not([type=file]):not([type=checkbox]):not([type=radio]), textarea").all():
        if not field.is_visible() or not field.is_editable():
            continue
        kind = field.get_attribute("type")
        field.fill({"number": "7", "email": "back@walk.example", "date": "2027-01-31"}.get(kind, text))


def send(page, path, place, text):
    """Sends one form of a page and goes back; answers what is wrong then."""
    page.goto(f"{options.address}{path}")
    form = page.evaluate_handle(SEPARATE, place).as_element()
    if form is None:
        return []
    action = form.get_attribute("action")
    located = page.locator("form[method=post]:not(dialog form)").nth(place)
    fill(located, text)
    form.evaluate("(form) => { form.noValidate = true; }")
    with page.expect_navigation(wait_until="load"):
        form.evaluate(BUTTON)
    if page.url.startswith("chrome-error"):
        return [f"{path}: {action} led to an error of the browser"]
    page.go_back(wait_until="load")
    if page.url.startswith("chrome-error"):
        return [f"{path}: back from {action} leads to an error of the browser"]
    if page.get_by_role("heading", level=1).count() != 1:
        return [f"{path}: back from {action} leads to {page.url}, which has no heading"]
    return []


with browser() as found:
    founder = person(found)
    sign_in(founder)
    founder.on("dialog", lambda dialog: dialog.dismiss())
    found_organization(founder, "Back Walk", "back-walk")
    invite(founder, "back-walk", "one@walk.example\ntwo@walk.example")
    founder.goto(f"{options.address}/back-walk/members/service-accounts/new")
    founder.get_by_label("Name", exact=True).fill("Robot")
    founder.get_by_role("button", name="Make the service account").click()
    heading(founder, "Robot")

    pages = ["/me", "/me/security", "/me/tokens", "/me/deletion", "/organizations/new"]
    pages += [f"/back-walk/members{path}" for path in ["", "/invitations", "/invitations/new", "/requests", "/service-accounts/new", "/service-accounts/robot", "/service-accounts/robot/deletion"]]
    pages += [f"/back-walk/settings{path}" for path in ["", "/transfer", "/suspension", "/deletion"]]
    pages += ["/me/organizations/back-walk/departure"]
    findings, sent = [], 0
    for path in pages:
        founder.goto(f"{options.address}{path}")
        for place, action in enumerate(founder.evaluate(SEPARATE)):
            if LEAVES.search(action):
                continue
            for text in ["", "Back and forth"]:
                findings += send(founder, path, place, text)
                sent += 1
    shot(founder, "last")

    # Each form was sent once by hand: going through the whole history again sends none of them.
    before = events(founder, "back-walk")
    for _ in range(40):
        if founder.go_back(wait_until="load") is None:
            break
    assert events(founder, "back-walk") == before, "going back did something again"

    print("\n".join(findings))
    assert not findings, f"{len(findings)} findings"
    assert sent >= 40, f"only {sent} forms were sent"
    finish()
