"""The vault, with the present key and with those that were there before."""

import pytest

from parley.kernel.secrets import SEALED_BEGIN, Vault

OLD, NEW, FOREIGN = "the key before, which is long enough", "the present key, which is long, too", "x" * 40


def test_what_an_old_key_has_encrypted_can_be_read_and_is_not_current():
    sealed, both = Vault(OLD).encrypt("secret"), Vault(NEW, [FOREIGN, OLD])
    assert both.decrypt(sealed) == "secret" and not both.is_current(sealed)
    assert both.is_current(both.encrypt("secret")) and not Vault(OLD).can_decrypt(both.encrypt("secret"))
    assert sealed.startswith(SEALED_BEGIN)
    with pytest.raises(ValueError, match="PARLEY_SECRET_KEY"):
        Vault(NEW, [FOREIGN]).decrypt(sealed)


def test_signatures_of_old_keys_are_accepted_and_those_of_others_not():
    both = Vault(NEW, [OLD])
    for vault, is_ours in ((Vault(OLD), True), (Vault(NEW), True), (Vault(FOREIGN), False)):
        given = vault.signature("purpose", "text")
        assert both.has_signed("purpose", "text", given) is is_ours
        assert both.has_signed("purpose", "text", given[:16], length=16) is is_ours
        assert not both.has_signed("purpose", "another text", given)
        assert not both.has_signed("another purpose", "text", given)
    assert not both.has_signed("purpose", "text", "") and not both.has_signed("purpose", "text", "\udcff")
    assert not both.has_signed("purpose", "text", both.signature("purpose", "text")[:16])
    assert both.signature("purpose", "text") == Vault(NEW).signature("purpose", "text")
