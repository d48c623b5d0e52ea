package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Aspects;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;

/** cdk-nag finds nothing that is not suppressed with a reason. */
@NeedsNode
class SuppressionsTest {

  @Test
  void withACatalogOfItsOwn() {
    assertClean(Synthesized.stack());
  }

  @Test
  void withACatalogThatExists() {
    assertClean(Synthesized.onExistingCatalog());
  }

  private static void assertClean(SheafStack stack) {
    Aspects.of(stack).add(new AwsSolutionsChecks());
    Annotations found = Annotations.fromStack(stack);
    assertThat(messages(found.findError("*", Match.stringLikeRegexp("AwsSolutions-.*")))).isEmpty();
    assertThat(messages(found.findWarning("*", Match.stringLikeRegexp("AwsSolutions-.*"))))
        .isEmpty();
  }

  // Deprecated, yet the only type that Annotations gives.
  @SuppressWarnings("deprecation")
  private static List<String> messages(List<software.amazon.awscdk.cxapi.SynthesisMessage> found) {
    return found.stream().map(m -> m.getId() + " " + m.getEntry().getData()).toList();
  }
}
