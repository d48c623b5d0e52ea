package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;

/** What whoever deploys the stack sees of it. */
@NeedsNode
class SheafStackTest {
  @Test
  void outputsAreWhatAClientNeeds() {
    assertThat(Synthesized.ofDefaultSite().findOutputs("*").keySet())
        .contains("ApiUrl", "Bucket", "UploadsQueue", "DeadLetterQueue", "TokensSecret");
  }

  @Test
  void anUnbuiltFunctionIsNamedWithTheCommandThatBuildsIt(@TempDir Path empty) {
    Site site = Site.from(new Context(Map.of()));
    assertThatThrownBy(() -> new SheafStack(new App(), site, Archives.under(empty)))
        .isInstanceOf(MissingArchiveException.class)
        .hasMessageContaining("catalog-role/target/function.zip")
        .hasMessageContaining("mvn -B -DskipTests package");
  }
}
