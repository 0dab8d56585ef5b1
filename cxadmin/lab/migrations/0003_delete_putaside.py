from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('lab', '0002_putaside'),
    ]

    operations = [
        migrations.DeleteModel(
            name='PutAside',
        ),
    ]
