"""Looks at every page as axe does, in one theme, and at 360 pixels: no violation, nothing that scrolls sideways, one style sheet, less than 100 kB."""

from walking import *

with browser() as found:
    findings = []
    nobody = person(found)
    for path in ["sign-in", "sign-up", "forgot", "sign-in?next=/me", "join?token=nothing", "docs/reference", "docs/reference/organization", "problems", "problems/missing"]:
        nobody.goto(f"{options.address}/{path}")
        findings += check(nobody, path)
        shot(nobody, path.split("?")[0].replace("/", "-"))

    founder = person(found)
    sign_in(founder)
    found_organization(founder, "Every Page", "every-page")
    founder.goto(f"{options.address}/every-page")
    findings += check(founder, "overview")
    shot(founder, "overview")
    founder.goto(f"{options.address}/every-page/members/invitations/new")
    founder.get_by_label("E-mail addresses").fill("one@every.example, two@every.example, wrong")
    founder.get_by_role("button", name="Send invitations").click()
    findings += check(founder, "invitations sent")
    link = founder.locator("code").filter(has_text="/join?token=").first.text_content().strip()
    nobody.goto(link)
    findings += check(nobody, "join")
    founder.goto(link)
    findings += check(founder, "join as somebody else")

    # A service account with a key, which is shown once.
    founder.goto(f"{options.address}/every-page/members/service-accounts/new")
    findings += check(founder, "a new service account")
    shot(founder, "new-service-account")
    founder.get_by_label("Name", exact=True).fill("Nightly report")
    founder.get_by_role("button", name="Make the service account").click()
    heading(founder, "Nightly report")
    founder.get_by_label("What it is for").fill("cron on db1")
    founder.get_by_role("button", name="Make a key").click()
    expect(founder.get_by_role("region", name="cron on db1")).to_contain_text("gld_svc_")
    findings += check(founder, "a new key")
    shot(founder, "new-key")
    founder.locator("tbody .menu > summary").click()
    founder.get_by_role("link", name="Rotate").click()
    heading(founder, "Rotate the key cron on db1")
    findings += check(founder, "rotating a key")
    shot(founder, "rotating-a-key")

    pages = ["/me", "/device", "/me/security", "/me/tokens", "/me/organizations", "/me/activity", "/me/activity?in=analytical-engines", "/search", "/search?in=analytical-engines&q=a", "/search?q=nothing-like-this", "/me/deletion", "/authorize?response_type=code&client_id=apolo-cli&redirect_uri=http://127.0.0.1:54540&code_challenge_method=S256&code_challenge=" + "A" * 43, "/organizations/new", "/operator/organizations", "/operator/accounts", "/operator/installation", "/outbox", "/design", "/nothing/there/at/all"]
    for slug in ["every-page", "analytical-engines"]:
        pages += [f"/{slug}{path}" for path in ["", "/members", "/members?q=nobody-at-all", "/members/invitations", "/members/requests", "/members/service-accounts", "/members/former", "/teams", "/teams?q=no-such-team", "/teams/new", "/workspaces", "/workspaces?q=no-such-workspace", "/workspaces/new", "/projects", "/projects?q=no-such-project", "/roles", "/audit", "/audit?verify=yes"]]
        pages += [f"/{slug}/settings{path}" for path in ["", "/transfer", "/suspension", "/archive", "/deletion"]]
        pages += [f"/{slug}/credits{path}" for path in ["", "?days=7", "?days=365", "/shares", "/shares?of=cluster", "/shares/new", "/holds", "/holds?state=expired", "/statement", "/statement?since=2999-01-01"]]
        pages += [f"/me/organizations/{slug}/departure"]
    pages += [f"/every-page/members/service-accounts/nightly-report{path}" for path in ["", "/deletion"]]
    pages += [f"/analytical-engines/teams/{path}" for path in ["mill", "mill?q=nobody-at-all", "mill/deletion", "printing"]]
    pages += [f"/analytical-engines/workspaces/{path}" for path in ["research", "research?q=no-such-project", "research/access", "research/access?q=nobody-at-all", "research/settings", "research/deletion", "research/projects/new", "printing-office"]]
    pages += [f"/analytical-engines/workspaces/research/projects/{path}" for path in ["bernoulli-numbers", "bernoulli-numbers?q=nobody-at-all", "bernoulli-numbers/settings", "bernoulli-numbers/deletion"]]
    for path in pages:
        founder.goto(f"{options.address}{path}")
        findings += check(founder, path)
        shot(founder, path.strip("/").replace("/", "-").replace("?", "-") or "home")
    founder.goto(f"{options.address}/analytical-engines/members")
    founder.get_by_role("link", name="Charles Babbage", exact=True).click()
    findings += check(founder, "a member")
    shot(founder, "a-member")
    founder.goto(f"{options.address}/analytical-engines/credits/shares")
    founder.get_by_role("link", name="Difference engine", exact=True).click()
    heading(founder, "Difference engine")
    findings += check(founder, "a share")
    shot(founder, "a-share")
    founder.goto(f"{options.address}/operator/accounts?q=babbage")
    founder.get_by_role("link", name="Charles Babbage", exact=True).click()
    heading(founder, "Charles Babbage")
    findings += check(founder, "an account")
    shot(founder, "an-account")
    founder.goto(f"{options.address}/outbox")
    founder.get_by_role("row").nth(1).get_by_role("link").click()
    findings += check(founder, "a mail")

    # What opens: the switcher, the person's menu, a row's menu, the keys.
    founder.goto(f"{options.address}/analytical-engines/members")
    for name, selector in [("switcher", ".switcher > summary"), ("person's menu", "header .menu > summary"), ("row's menu", "tbody .menu > summary")]:
        founder.locator(selector).first.click()
        findings += [f"{name}: {fault}" for fault in faults(founder)]
        shot(founder, name.replace("'", "").replace(" ", "-"))
        founder.keyboard.press("Escape")
    founder.keyboard.press("?")
    expect(founder.locator("dialog#keys")).to_be_visible()
    findings += [f"keys: {fault}" for fault in faults(founder)]
    shot(founder, "keys")

    print("\n".join(findings))
    assert not findings, f"{len(findings)} findings"
    finish()
