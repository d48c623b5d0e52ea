package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteTest {

  @Test
  void everythingHasADefault() {
    Site site = read();
    assertThat(site.resource("x")).isEqualTo("sheaf-main-x");
    assertThat(site.catalog()).isEqualTo(new CatalogChoice.Aurora("sheaf", 0, 4, 10));
    assertThat(site.retain()).isTrue();
    assertThat(site.selfUrl()).isEmpty();
  }

  @Test
  void anEmptyValueIsNone() {
    assertThat(read("site", " ").name()).isEqualTo("main");
  }

  @Test
  void contextOfTheCdkItselfIsNotOurs() {
    Context context = new Context(Map.of("aws:cdk:enable-path-metadata", true, "sheaf:site", "eu"));
    assertThat(Site.from(context).name()).isEqualTo("eu");
  }

  @Test
  void aNumberMayComeAsANumber() {
    assertThat(Site.from(new Context(Map.of("sheaf:indexConcurrency", 7))).indexConcurrency())
        .isEqualTo(7);
  }

  @Test
  void anExistingCatalogNeedsItsSecret() {
    assertThat(
            read(
                    "catalogArn",
                    Synthesized.CLUSTER,
                    "catalogSecretArn",
                    Synthesized.SECRET,
                    "catalogDatabase",
                    "other",
                    "catalogEndpoint",
                    "http://127.0.0.1:4510")
                .catalog())
        .extracting(CatalogChoice::database)
        .isEqualTo("other");
    assertRefused("catalogArn", Synthesized.CLUSTER)
        .hasMessage(
            "Context value sheaf:catalogSecretArn is not set; it holds the ARN of its secret.");
  }

  @Test
  void capacitiesAreInOrder() {
    assertRefused("catalogLeastCapacity", "8", "catalogMostCapacity", "2")
        .hasMessageContaining("sheaf:catalogLeastCapacity is above sheaf:catalogMostCapacity");
  }

  @Test
  void aMisspeltNameIsNoticed() {
    assertRefused("sites", "eu")
        .hasMessageContaining("sheaf:sites means nothing here")
        .hasMessageContaining("sheaf:site.");
  }

  @Test
  void sizesOfANewCatalogMeanNothingToAnExistingOne() {
    assertRefused(
            "catalogArn", Synthesized.CLUSTER,
            "catalogSecretArn", Synthesized.SECRET,
            "catalogMostCapacity", "8")
        .hasMessageContaining("sheaf:catalogMostCapacity means nothing here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          site                     | Main        | 2 to 20 of a-z, 0-9 and -
          site                     | -a          | 2 to 20 of a-z, 0-9 and -
          architecture             | arm         | one of arm64, x86_64
          catalogArn               | catalog     | the ARN of a cluster
          catalogDatabase          | my-database | a lower-case database name
          catalogLeastCapacity     | 0.3         | a multiple of 0.5 from 0 to 256
          catalogMostCapacity      | 0.5         | a multiple of 0.5 from 1 to 256
          catalogPauseAfterMinutes | 1           | a whole number from 5 to 1440
          bundlesColdAfterDays     | 7           | 0 (never) or a number of days from 30 to 36500
          bundlesExpireAfterDays   | soon        | 0 (never) or a number of days from 1 to 36500
          packsExpireAfterDays     | 0           | a whole number from 1 to 365
          indexConcurrency         | 1           | a whole number from 2 to 1000
          indexConcurrency         | 1e3         | a whole number from 2 to 1000
          requestsPerSecond        | 0           | a whole number from 1 to 10000
          logRetentionDays         | 31          | one of 1, 3, 7, 14, 30, 90, 180, 365, 1827, 3653
          retain                   | yes         | one of true, false
          selfUrl                  | example.org | an http or https URL
          alarmTopic               | topic       | the ARN of an SNS topic
          """)
  void aWrongValueIsNamedWithWhatItMayBe(String name, String value, String allowed) {
    assertRefused(name, value)
        .hasMessage(
            "Context value sheaf:%s is '%s'; it must be %s.".formatted(name, value, allowed));
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertRefused(
      String... context) {
    return assertThatThrownBy(() -> read(context)).isInstanceOf(InvalidContextException.class);
  }

  private static Site read(String... context) {
    return Site.from(new Context(Synthesized.context(context)));
  }
}
