package dev.sheaf.storage.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.storage.catalog.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RehearsalTest {
  @Test
  void everyClientGetsAnAnswer() {
    try (Rehearsal rehearsal = Rehearsal.start(7)) {
      Site site = Site.from(rehearsal.environment());
      rehearsal.useObjects();
      assertThat(site.objects().list("", "/", null).objects()).isEmpty();
      assertThat(site.secrets().read("rehearsal")).isEqualTo("[]");
      assertThat(site.catalog().execute(Statement.of("select 1")).first()).isEmpty();
      assertThat(
              site.catalog()
                  .execute(
                      Statement.of(
                          "select coalesce(max(version), 0) as version from schema_version"))
                  .first()
                  .orElseThrow()
                  .number("version"))
          .isEqualTo(7);
    }
  }

  @Test
  void noIdIsDrawnBeforeASnapshot() {
    try (Rehearsal rehearsal = Rehearsal.start(7)) {
      assertThatThrownBy(Machine.IDS::get).hasMessageContaining("before a snapshot");
      assertThat(rehearsal.environment()).isNotEmpty();
    }
    assertThat(Machine.IDS.get()).isNotEqualTo(Machine.IDS.get());
  }

  @Test
  void withoutSnapshotsNothingIsPrepared() {
    SnapStart.before(() -> {
      throw new AssertionError("nobody takes a snapshot here");
    });
  }
}
