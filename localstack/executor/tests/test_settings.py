import pytest

from sheaf_executor.settings import Settings, SettingsError


@pytest.fixture
def complete(tmp_path) -> dict[str, str]:
    java = tmp_path / "jdk/bin/java"
    java.parent.mkdir(parents=True)
    java.touch()
    jars = tmp_path / "jars"
    jars.mkdir()
    (jars / "aws-lambda-java-runtime-interface-client-1.jar").touch()
    return {
        "SHEAF_EXECUTOR_JAVA": str(java),
        "SHEAF_EXECUTOR_RUNTIME_JARS": str(jars),
        "SHEAF_EXECUTOR_WORK": str(tmp_path / "work"),
    }


def test_complete(complete, tmp_path):
    settings = Settings.read(complete | {"SHEAF_EXECUTOR_STARTUPS": "3", "SHEAF_EXECUTOR_AOT": "0"})
    assert settings.java == tmp_path / "jdk/bin/java"
    assert [jar.name for jar in settings.runtime_jars] == ["aws-lambda-java-runtime-interface-client-1.jar"]
    assert (settings.startups, settings.startup_seconds, settings.aot) == (3, 20, False)
    assert Settings.read(complete).aot


@pytest.mark.parametrize("name", ["SHEAF_EXECUTOR_JAVA", "SHEAF_EXECUTOR_RUNTIME_JARS", "SHEAF_EXECUTOR_WORK"])
def test_a_missing_setting_is_named(complete, name):
    del complete[name]
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        Settings.read(complete)


@pytest.mark.parametrize(
    "name, value, says",
    [
        ("SHEAF_EXECUTOR_JAVA", "/nowhere", "there is no /nowhere"),
        ("SHEAF_EXECUTOR_RUNTIME_JARS", "/nowhere", "no runtime interface client in /nowhere"),
        ("SHEAF_EXECUTOR_STARTUPS", "0", "not a whole number above 0"),
        ("SHEAF_EXECUTOR_STARTUPS", "many", "not a whole number above 0"),
    ],
)
def test_a_wrong_setting_is_named(complete, name, value, says):
    with pytest.raises(SettingsError, match=f"{name}: .*{says}"):
        Settings.read(complete | {name: value})
