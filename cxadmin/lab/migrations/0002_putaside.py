from typing import Any

from django.db import migrations, models


def store_uncompressed(apps: Any, schema_editor: Any) -> None:
    """Compressing takes PostgreSQL longer than all the rest, and most pieces are short-lived."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE lab_putaside ALTER COLUMN rows SET STORAGE EXTERNAL")


class Migration(migrations.Migration):

    dependencies = [
        ('lab', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PutAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='How many there are.')),
                ('rows', models.BinaryField(help_text='The rows as JSON, secrets masked.')),
            ],
        ),
        migrations.RunPython(store_uncompressed, migrations.RunPython.noop),
    ]
