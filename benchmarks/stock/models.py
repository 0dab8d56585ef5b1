"""Users and groups with django-scim2's mixins."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    """A group."""

    name = models.CharField(max_length=80, unique=True)


class User(AbstractSCIMUserMixin, AbstractUser):
    """A user; `scim_groups` is where the library looks for groups."""

    scim_groups = models.ManyToManyField(Group, related_name="user_set")
