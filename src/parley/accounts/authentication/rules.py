"""Which organization and project a caller may enter."""

from uuid import UUID

from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import ADMIN, Principal

BY_PASSWORD = frozenset({"password", "totp", "recovery_code"})
"""How sessions are opened that need a second factor where an organization wants one; others have proved enough."""
BEFORE_TWO_FACTOR = ("/api/users/@me", "/api/login", "/api/logout", "/api/webauthn/")
"""What a session may ask for that has no second factor yet, and must have one: itself, setting one up, and going."""


class TwoFactorSetupRequired(PermissionDenied):
    """An organization of the caller wants everybody to have a second factor, and the caller has none."""

    code = "two_factor_setup_required"
    default_detail = "2FA setup required"


def check_has_two_factor(principal: Principal, path: str) -> None:
    """Raise TwoFactorSetupRequired where the caller must set up a second factor before anything else."""
    if principal.needs_two_factor and not path.startswith(BEFORE_TWO_FACTOR):
        raise TwoFactorSetupRequired


def check_organization_of_key(principal: Principal, organization_id: UUID) -> None:
    """Raise PermissionDenied where the key is limited to other organizations, or its user's organization forbids keys."""
    if not principal.is_key:
        return
    if principal.scoped_organizations and organization_id not in principal.scoped_organizations:
        raise PermissionDenied(
            f"API key does not have access to the requested organization: ID {organization_id}."
        )
    refused = principal.keyless_organizations.get(organization_id)
    if refused is not None and principal.levels.get(organization_id, 0) < ADMIN:
        raise PermissionDenied(
            f"Organization '{refused}' does not allow using personal API keys. "
            "Contact an admin to enable personal API keys for this organization."
        )


def project_number(principal: Principal, project_id: str) -> int:
    """Return the id of the project that a path names, `@current` or a number; raises NotFound for anything else."""
    if project_id == "@current":
        if principal.current_project_id is None:
            raise NotFound("Project not found.")
        return principal.current_project_id
    if not project_id.isascii() or not project_id.isdigit() or len(project_id) > 9:
        raise NotFound("Project not found.")
    return int(project_id)
