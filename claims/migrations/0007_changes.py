from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("claims", "0006_part_that_decides"), ("sources", "0003_changes")]

    operations = []
