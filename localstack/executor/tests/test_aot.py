import dataclasses
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

from sheaf_executor.aot import AotCaches


def test_a_trained_function_runs_on_its_cache(settings, launch, start, tmp_path):
    caches = AotCaches(dataclasses.replace(settings, work=tmp_path, aot=True))
    caches.prepare(launch, "digest", {"TRAINED": "yes"})
    trained = caches.launch(launch, "digest")
    assert trained.code != launch.code
    # AOTMode=on makes a JVM that cannot use the cache refuse to start, instead of going on without.
    strict = dataclasses.replace(trained, options=(*trained.options, "-XX:AOTMode=on"))
    assert start(launch=strict).result("echo", value=1) == 1


def test_trainings_run_side_by_side(settings, launch, tmp_path):
    caches = AotCaches(dataclasses.replace(settings, work=tmp_path, aot=True, startups=3))
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda digest: caches.prepare(launch, digest, {}), ["one", "two", "one"]))
    for digest in ("one", "two"):
        assert caches.launch(launch, digest) != launch


def test_other_code_has_no_cache(settings, launch, tmp_path):
    caches = AotCaches(dataclasses.replace(settings, work=tmp_path, aot=True))
    caches.prepare(launch, "digest", {})
    assert caches.launch(launch, "another") == launch
    assert caches.launch(dataclasses.replace(launch, handler="Other"), "digest").options == ()


def test_a_failed_training_is_no_error_and_is_not_repeated(settings, launch, tmp_path, caplog):
    caches = AotCaches(dataclasses.replace(settings, work=tmp_path, aot=True))
    for _ in range(2):
        caches.prepare(launch, "digest", {"FAIL": "initialisation"})
    assert caches.launch(launch, "digest") == launch
    assert len([record for record in caplog.records if "No AOT cache" in record.message]) == 1


def test_switched_off(settings, launch, tmp_path):
    caches = AotCaches(dataclasses.replace(settings, work=tmp_path, aot=False))
    caches.prepare(launch, "digest", {})
    assert not (tmp_path / "aot").exists()


def test_only_the_last_caches_are_kept(settings, launch, tmp_path):
    caches = AotCaches(dataclasses.replace(settings, work=tmp_path, aot=True))
    for age in range(30):
        old = tmp_path / "aot" / str(age)
        old.mkdir(parents=True)
        os.utime(old, (1000 - age, 1000 - age))
    caches.prepare(launch, "digest", {"FAIL": "initialisation"})
    left = sorted((home.name for home in (tmp_path / "aot").iterdir()), key=len)
    assert len(left) == 12
    assert set(left[:-1]) == {str(age) for age in range(11)}
