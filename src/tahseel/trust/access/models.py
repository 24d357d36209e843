"""Who signs in, and the roles each has held."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from tahseel.trust.access.values import EVERYWHERE, UserKind


class UserManager(BaseUserManager["User"]):
    """Finds a user by the name typed, whatever its letter case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=self.model.normalize_username(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in: staff, or a customer with the id of the customer's record."""

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=150, unique=True)
    kind = models.CharField(max_length=20)
    customer_id = models.UUIDField(null=True)
    label_ar = models.CharField(max_length=200)
    label_en = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["kind", "label_ar", "label_en"]

    class Meta:
        db_table = "access_user"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=UserKind.CUSTOMER, customer_id__isnull=False)
                | Q(kind=UserKind.STAFF, customer_id__isnull=True),
                name="access_user_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label_en


class UserRole(models.Model):
    """A role held from one instant to another; a revoked row stays as history."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="held_roles")
    role = models.CharField(max_length=60)
    scope = models.CharField(max_length=120, default=EVERYWHERE)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=100)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=100, default="")

    class Meta:
        db_table = "access_user_role"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope"],
                condition=Q(revoked_at__isnull=True),
                name="access_user_role_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} ({self.scope})"
