package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AwaitedTest extends CatalogTest {
  @Test
  void whatIsNotHereIsCountedAndWhatHasBeenForLong() {
    assertThat(Awaited.of(catalog, NOW)).isEqualTo(new Awaited(0, 0, 0, 0));
    bundle("old", "awaited", minutesAgo(61));
    bundle("new", "awaited", minutesAgo(59));
    bundle("here", "indexed", minutesAgo(61));
    pack("old", "awaited", minutesAgo(61));
    pack("here", "live", minutesAgo(61));
    ref("shown", "a", minutesAgo(61), minutesAgo(61));
    ref("moved-long-ago", "b", minutesAgo(61), minutesAgo(61));
    ref("moved-just-now", "b", minutesAgo(900), minutesAgo(1));
    ref("of-a-new-site", "b", minutesAgo(1), minutesAgo(900));
    assertThat(Awaited.of(catalog, NOW)).isEqualTo(new Awaited(2, 1, 3, 3));

    catalog.execute(
        Statement.of(
            """
            insert into repos (repo_id, owner, name, default_branch, public, deleted_at)
            values ('r', 'o', 'n', 'main', false, now())
            """));
    assertThat(Awaited.of(catalog, NOW)).as("deleted").isEqualTo(new Awaited(0, 0, 0, 0));
  }

  private static Instant minutesAgo(int minutes) {
    return NOW.minus(Duration.ofMinutes(minutes));
  }

  private void bundle(String name, String state, Instant since) {
    catalog.execute(
        Statement.of(
                """
                insert into bundles (repo_id, bundle, size_bytes, state, registered_at)
                values ('r', :name, 1, :state, :since::timestamptz)
                """)
            .text("name", name)
            .text("state", state)
            .text("since", since.toString()));
  }

  private void pack(String name, String state, Instant since) {
    catalog.execute(
        Statement.of(
                """
                insert into git_packs (repo_id, pack, size_bytes, objects, state, created_at)
                values ('r', :name, 1, 1, :state, :since::timestamptz)
                """)
            .text("name", name)
            .text("state", state)
            .text("since", since.toString()));
  }

  /** Told is b where it is not shown. */
  private void ref(String name, String target, Instant row, Instant moved) {
    catalog.execute(
        Statement.of(
                """
                insert into git_refs (repo_id, name, target, shown_target, updated_at, op_ulid)
                values ('r', convert_to(:name, 'UTF8'), :target, 'a', :row::timestamptz, :ulid)
                """)
            .text("name", name)
            .text("target", target)
            .text("row", row.toString())
            .text("ulid", Ulid.least(moved).text()));
  }
}
