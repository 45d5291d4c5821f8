# SPDX-License-Identifier: Apache-2.0
"""The npm package openid-client, unmodified, completes the flow: discovery, PKCE, callback, checked
ID token, userinfo, refresh, and the token is good for a decision of policy-service."""
import pytest
from harness import PolicyService
from identity import app_client, new_person, quick_auth, web_client
from node_clients import node_directory, run_client


@pytest.fixture(scope="module")
def directory():
    return node_directory()


@pytest.fixture(scope="module")
def services(directory, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("openid-client")
    with quick_auth(scratch) as auth, PolicyService(scratch, auth.url) as policy:
        yield auth, policy


@pytest.mark.parametrize("authentication", ["basic", "post", "none"])
def test_the_whole_flow(directory, services, authentication):
    auth, policy = services
    client = app_client(auth) if authentication == "none" else web_client(auth)
    person = new_person(auth, name="Olga OpenID")
    result = run_client(directory, "openid.mjs", {
        "issuer": auth.url, "clientId": client.id, "clientSecret": client.secret,
        "authentication": authentication, "email": person.email, "password": person.password,
        "policyUrl": policy.url})
    assert result["supportsPKCE"] is True
    assert result["claims"]["sub"] == person.id and result["claims"]["iss"] == auth.url
    assert result["scope"].split() == ["openid", "profile", "email", "offline_access"]
    assert 0 < result["expiresIn"] <= 900
    about = result["userinfo"]
    assert (about["sub"], about["name"], about["email"]) == (person.id, person.name, person.email)
    assert result["accessToken"]["client_id"] == client.id
    assert result["decision"]["status"] == 200
    assert result["decision"]["body"]["decision"] == "Allow"
    assert result["renewed"]["rotated"] is True
    assert result["renewed"]["userinfo"] == about
    assert result["renewed"]["decision"]["body"]["decision"] == "Allow"
    assert result["silentSubject"] == person.id
    check_refusals(result)
    if authentication != "none":
        assert result["introspection"]["active"] is True
        assert result["introspectionAfter"] == {"active": False}
        assert result["ownSubject"] == client.id


def check_refusals(result):
    """Errors arrive in the form that the package understands, not as broken answers."""
    assert result["strangerError"]["name"] == "AuthorizationResponseError"
    assert result["strangerError"]["error"] == "login_required"
    for name in ("replayError", "verifierError", "familyError"):
        assert result[name]["name"] == "ResponseBodyError", result[name]
        assert (result[name]["error"], result[name]["status"]) == ("invalid_grant", 400)
    assert result["revokedError"]["name"] == "WWWAuthenticateChallengeError"
    assert result["revokedError"]["status"] == 401
