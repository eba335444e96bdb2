"""The same page by Django, in an environment of its own: a JsonResponse of what the ORM finds.

Served by gunicorn (one process, eight threads that keep their connections), as Django mostly is.
It answers the flat keys and the customer, without reactions, edits and files.
"""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import JsonResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    SECRET_KEY="of-the-bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["BENCH_DATABASE"],
            "HOST": os.environ["BENCH_HOST"],
            "USER": os.environ["BENCH_USER"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {"options": f"-c search_path={os.environ['BENCH_SEARCH_PATH']}"},
        }
    },
)
django.setup()

FLAT = (
    "id", "message_id", "message_type", "text_body", "timestamp", "status", "caption", "latitude",
    "longitude", "name", "address", "direction", "conversation_id", "phone_number_id", "group_id",
    "received_at", "media", "content",
)  # fmt: skip


class Conversation(models.Model):
    id = models.BigIntegerField(primary_key=True)
    phone_number = models.TextField(null=True)
    user_id = models.TextField(null=True)
    username = models.TextField(null=True)
    contact_name = models.TextField(null=True)

    class Meta:
        app_label = "bench"
        db_table = "conversations"
        managed = False


class Message(models.Model):
    id = models.BigIntegerField(primary_key=True)
    message_id = models.TextField()
    message_type = models.TextField(null=True)
    text_body = models.TextField(null=True)
    caption = models.TextField(null=True)
    timestamp = models.DateTimeField()
    received_at = models.DateTimeField()
    sorted_at = models.DateTimeField()
    status = models.TextField()
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    name = models.TextField(null=True)
    address = models.TextField(null=True)
    direction = models.TextField()
    phone_number_id = models.TextField()
    group_id = models.TextField(null=True)
    media = models.JSONField(null=True)
    content = models.JSONField(null=True)
    customer_wa_id = models.TextField(null=True)
    customer_name = models.TextField(null=True)
    conversation = models.ForeignKey(Conversation, models.DO_NOTHING, null=True)

    class Meta:
        app_label = "bench"
        db_table = "messages"
        managed = False


def messages(request):
    found = Message.objects.select_related("conversation").order_by("-sorted_at", "-id")[:50]
    items = [
        {
            **{name: getattr(row, name) for name in FLAT},
            "from_number": row.customer_wa_id,
            "from_name": row.customer_name,
            "customer": {
                "id": row.conversation.id,
                "wa_id": row.conversation.phone_number,
                "user_id": row.conversation.user_id,
                "username": row.conversation.username,
                "profile_name": row.conversation.contact_name,
            },
        }
        for row in found
    ]
    return JsonResponse({"count": len(items), "messages": items})


urlpatterns = [path("api/whatsapp/messages/", messages), path("readyz", messages)]
application = get_wsgi_application()
