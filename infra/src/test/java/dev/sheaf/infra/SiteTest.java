package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
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
    assertThat(site.databaseRole()).isEqualTo("sheaf_main");
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
  void anExistingCatalogIsKnownByItsMasterOrByARoleThatExists() {
    assertThat(
            read(
                    "catalogArn",
                    Synthesized.CLUSTER,
                    "catalogRoleSecretArn",
                    Synthesized.SECRET,
                    "catalogDatabase",
                    "other",
                    "catalogEndpoint",
                    "http://127.0.0.1:4510")
                .catalog())
        .isEqualTo(
            new CatalogChoice.Existing(
                "other",
                Synthesized.CLUSTER,
                new CatalogChoice.Access.Role(Synthesized.SECRET),
                Optional.of("http://127.0.0.1:4510")));
    assertThat(
            read("catalogArn", Synthesized.CLUSTER, "catalogMasterSecretArn", Synthesized.SECRET)
                .catalog())
        .extracting("access")
        .isEqualTo(new CatalogChoice.Access.Master(Synthesized.SECRET));
  }

  @Test
  void anExistingCatalogNeedsOneSecretAndNotTwo() {
    String both = "sheaf:catalogMasterSecretArn (the ARN of the secret of a user who makes a role";
    assertRefused("catalogArn", Synthesized.CLUSTER)
        .hasMessageContaining(both)
        .hasMessageContaining("sheaf:catalogRoleSecretArn (the ARN of the secret of a role");
    assertRefused(
            "catalogArn", Synthesized.CLUSTER,
            "catalogMasterSecretArn", Synthesized.SECRET,
            "catalogRoleSecretArn", Synthesized.SECRET)
        .hasMessageContaining(both);
  }

  /** It was what functions used, whoever's it was: now somebody has to say whose it is. */
  @Test
  void theFormerNameOfTheSecretIsRefused() {
    assertRefused(
            "catalogArn", Synthesized.CLUSTER,
            "catalogRoleSecretArn", Synthesized.SECRET,
            "catalogSecretArn", Synthesized.SECRET)
        .hasMessageContaining("sheaf:catalogSecretArn means nothing here")
        .hasMessageContaining("sheaf:catalogMasterSecretArn");
  }

  @Test
  void aSiteHasARoleOfItsOwnInASharedCluster() {
    assertThat(read("site", "eu-west").databaseRole()).isEqualTo("sheaf_eu_west");
  }

  @Test
  void bundlesAreColdBeforeTheyExpire() {
    assertRefused("bundlesColdAfterDays", "90", "bundlesExpireAfterDays", "60")
        .hasMessage(
            "Context value sheaf:bundlesColdAfterDays is 90; it must be 0 (never) or less than"
                + " sheaf:bundlesExpireAfterDays, which is 60.");
    assertRefused("bundlesColdAfterDays", "60", "bundlesExpireAfterDays", "60")
        .hasMessageContaining("less than sheaf:bundlesExpireAfterDays");
    assertThat(read("bundlesColdAfterDays", "59", "bundlesExpireAfterDays", "60"))
        .returns(59, Site::bundlesColdAfterDays);
    assertThat(read("bundlesColdAfterDays", "90")).returns(0, Site::bundlesExpireAfterDays);
  }

  @Test
  void aCatalogThatNeverSleepsHasNoTimeToFallAsleep() {
    assertRefused("catalogLeastCapacity", "0.5", "catalogPauseAfterMinutes", "20")
        .hasMessageContaining("sheaf:catalogPauseAfterMinutes means nothing here");
  }

  /** Each name that AWS bounds, made of the longest site and the longest part. */
  @Test
  void theLongestNamesFit() {
    Site site = read("site", "a".repeat(20));
    assertThat(site.resource("123456789012-ap-southeast-1")).hasSizeLessThanOrEqualTo(63);
    assertThat(site.resource("bundle-index")).hasSizeLessThanOrEqualTo(64);
    assertThat(site.resource("catalog")).hasSizeLessThanOrEqualTo(63);
    assertThat(site.databaseRole()).hasSizeLessThanOrEqualTo(63);
  }

  @Test
  void whoHasPeersHasAName() {
    assertRefused("peers", "https://two.example")
        .hasMessageContaining("sheaf:self is not set, and sheaf:peers is");
    assertThat(read("self", "https://one.example").peering().hasPeers()).isFalse();
    Peering peering =
        read(
                "self",
                "https://one.example",
                "peers",
                "https://two.example/live,http://127.0.0.1:8420")
            .peering();
    assertThat(peering.variables())
        .containsEntry("SHEAF_SELF", "https://one.example")
        .containsEntry("SHEAF_PEERS", "https://two.example/live,http://127.0.0.1:8420")
        .doesNotContainKey("SHEAF_REPLICATION");
    assertThat(
            read(
                    "self", "https://one.example",
                    "peers", "https://two.example,https://three.example",
                    "replication", "2")
                .peering()
                .variables())
        .containsEntry("SHEAF_REPLICATION", "2");
  }

  /** What was not chosen is left to the functions' own defaults. */
  @Test
  void eachChoiceAboutTheLogHasItsVariable() {
    assertThat(read().peering().logVariables()).isEmpty();
    assertThat(
            read(
                    "opsRetentionDays", "30",
                    "opsRetentionSweepInterval", "30m",
                    "opsRetentionBatchLimit", "500",
                    "opsRetentionCursorMargin", "2h",
                    "dormantOpsThreshold", "60d",
                    "keepDormantOps", "true")
                .peering()
                .logVariables())
        .isEqualTo(
            Map.of(
                "SHEAF_OPS_RETENTION_DAYS", "30",
                "SHEAF_OPS_RETENTION_SWEEP_INTERVAL", "30m",
                "SHEAF_OPS_RETENTION_BATCH_LIMIT", "500",
                "SHEAF_OPS_RETENTION_CURSOR_MARGIN", "2h",
                "SHEAF_DORMANT_OPS_THRESHOLD", "60d",
                "SHEAF_KEEP_DORMANT_OPS", "true"));
  }

  @Test
  void howLongJobsAreKeptIsChosenOrLeftToTheFunction() {
    assertThat(read().jobsKept()).isEmpty();
    assertThat(read("jobsKept", "90d").jobsKept()).hasValue("90d");
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
        .hasMessageContaining("sheaf:site,");
  }

  @Test
  void sizesOfANewCatalogMeanNothingToAnExistingOne() {
    assertRefused(
            "catalogArn", Synthesized.CLUSTER,
            "catalogRoleSecretArn", Synthesized.SECRET,
            "catalogMostCapacity", "8")
        .hasMessageContaining("sheaf:catalogMostCapacity means nothing here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          site                     | Main                                   | 2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end
          site                     | -a                                     | 2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end
          site                     | a--b                                   | 2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end
          site                     | ab-                                    | 2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end
          site                     | 1a                                     | 2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end
          site                     | aaaaaaaaaaaaaaaaaaaaa                  | 2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end
          architecture             | arm                                    | one of arm64, x86_64
          catalogArn               | catalog                                | the ARN of a cluster
          catalogArn               | arn:aws:rds:eu-central-1:1:cluster:x   | the ARN of a cluster
          catalogDatabase          | my-database                            | 1 to 63 of a-z, 0-9 and _, a letter first, no word that Postgres reserves
          catalogDatabase          | _sheaf                                 | 1 to 63 of a-z, 0-9 and _, a letter first, no word that Postgres reserves
          catalogDatabase          | user                                   | 1 to 63 of a-z, 0-9 and _, a letter first, no word that Postgres reserves
          catalogDatabase          | template1                              | 1 to 63 of a-z, 0-9 and _, a letter first, no word that Postgres reserves
          catalogLeastCapacity     | 0.3                                    | a multiple of 0.5 from 0 to 256
          catalogMostCapacity      | 0.5                                    | a multiple of 0.5 from 1 to 256
          catalogMostCapacity      | 256.5                                  | a multiple of 0.5 from 1 to 256
          catalogPauseAfterMinutes | 1                                      | a whole number from 5 to 1440
          bundlesColdAfterDays     | 7                                      | 0 (never) or a number of days from 30 to 36500
          bundlesExpireAfterDays   | soon                                   | 0 (never) or a number of days from 30 to 36500
          bundlesExpireAfterDays   | 29                                     | 0 (never) or a number of days from 30 to 36500
          packsExpireAfterDays     | 0                                      | a whole number from 1 to 365
          indexConcurrency         | 1                                      | a whole number from 2 to 1000
          indexConcurrency         | 1e3                                    | a whole number from 2 to 1000
          compactionEveryMinutes   | 1441                                   | a whole number from 1 to 1440
          self                     | ftp://one.example                      | this site's http or https URL
          self                     | https://One.example                    | this site's http or https URL
          peers                    | two.example                            | up to 16 http or https URLs, separated by commas
          sweepPublic              | yes                                    | one of true, false
          opsRetentionDays         | -1                                     | 0 (never) or a number of days from 1 to 36500
          opsRetentionSweepInterval | often                                 | a duration such as 90d, 36h, 15m or 1h30m
          opsRetentionCursorMargin | 1w                                     | a duration such as 90d, 36h, 15m or 1h30m
          opsRetentionBatchLimit   | 0                                      | a whole number from 1 to 10000
          dormantOpsThreshold      | 90                                     | a duration such as 90d, 36h, 15m or 1h30m
          jobsKept                 | a month                                | a duration such as 90d, 36h, 15m or 1h30m
          keepDormantOps           | no                                     | one of true, false
          requestsPerSecond        | 0                                      | a whole number from 1 to 10000
          logRetentionDays         | 31                                     | one of 1, 3, 7, 14, 30, 90, 180, 365, 1827, 3653
          retain                   | yes                                    | one of true, false
          accountLogRole           | no                                     | one of true, false
          alarmTopic               | topic                                  | the ARN of an SNS topic
          alarmTopic               | arn:aws:sns:eu-central-1:000000000000: | the ARN of an SNS topic
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
