from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_staff_are_the_owners"),
    ]

    operations = [
        migrations.AlterField(
            model_name="securityevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("joined", "Account opened"),
                    ("signed_in", "Signed in"),
                    ("signed_out", "Signed out"),
                    ("sign_in_refused", "Sign-in refused"),
                    ("locked", "Locked after wrong tries"),
                    ("recovery_used", "Recovery code used"),
                    ("stepped_up", "Balance shown"),
                    ("pin_refused", "Wrong PIN"),
                    ("secret_refused", "Wrong password or code"),
                    ("approval_refused", "Wrong PIN or code for a payment"),
                    ("authenticator_set", "Authenticator set up"),
                    ("recovery_issued", "Recovery codes issued"),
                    ("password_changed", "Password changed"),
                    ("pins_changed", "PINs changed"),
                    ("session_ended", "Session ended"),
                    ("staff_viewed", "Viewed by staff"),
                    ("write_refused", "Change refused"),
                ],
                max_length=20,
            ),
        ),
    ]
