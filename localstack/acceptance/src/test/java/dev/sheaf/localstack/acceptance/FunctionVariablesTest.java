package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sheaf.storage.wiring.CatalogUsers;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.storage.wiring.SiteConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A function gets the variables that its code asks for, and no other: what it does not know it
 * cannot give away. Asked of the class files, and of the template that infra/ keeps as golden.
 */
class FunctionVariablesTest {
  private static final String CATALOG =
      "SHEAF_CATALOG_ARN SHEAF_CATALOG_DATABASE SHEAF_CATALOG_SECRET_ARN";

  /** Every door to the configuration, and what is behind it. Nothing: it has a default. */
  private static final Map<String, String> DOORS =
      Map.ofEntries(
          Map.entry("Site.objects", "SHEAF_BUCKET"),
          Map.entry("Site.catalog", CATALOG),
          Map.entry("Site.queue", "SHEAF_QUEUE_URL"),
          Map.entry("Site.deadLetters", "SHEAF_DEAD_LETTER_URL"),
          // Of a site with peers alone, which the template is not.
          Map.entry("Site.followQueue", ""),
          Map.entry("SiteConfig.followQueueUrl", "SHEAF_FOLLOW_QUEUE_URL"),
          Map.entry("SiteConfig.bucket", "SHEAF_BUCKET"),
          Map.entry("SiteConfig.catalogArn", "SHEAF_CATALOG_ARN"),
          Map.entry("SiteConfig.catalogSecretArn", "SHEAF_CATALOG_SECRET_ARN"),
          Map.entry("SiteConfig.catalogDatabase", "SHEAF_CATALOG_DATABASE"),
          Map.entry("SiteConfig.queueUrl", "SHEAF_QUEUE_URL"),
          Map.entry("SiteConfig.tokens", "SHEAF_TOKENS"),
          Map.entry("SiteConfig.self", "SHEAF_SELF"),
          Map.entry("SiteConfig.peers", "SHEAF_PEERS"),
          Map.entry("SiteConfig.peerTokens", "SHEAF_PEER_TOKENS"),
          Map.entry("SiteConfig.replication", ""),
          Map.entry("SiteConfig.contentCacheMaxBytes", ""),
          Map.entry("SiteConfig.putSlots", ""),
          Map.entry("SiteConfig.staleClaim", ""),
          Map.entry("SiteConfig.retryAfter", ""),
          Map.entry("SiteConfig.deadLetterUrl", "SHEAF_DEAD_LETTER_URL"),
          Map.entry("CatalogUsers.asMaster", CATALOG),
          Map.entry("CatalogUsers.role", "SHEAF_CATALOG_ROLE"),
          Map.entry("CatalogUsers.asRole", "SHEAF_CATALOG_ROLE_SECRET_ARN"));

  /** Every log line names the site, in whatever function. */
  private static final String OF_ALL = "SHEAF_SITE";

  private static final Path TEMPLATE =
      Path.of("../../infra/src/test/resources/sheaf-main.template.json");

  @ParameterizedTest
  @CsvSource({
    "api, dev.sheaf.api",
    "bundle-index, dev.sheaf.bundleindex",
    "compaction, dev.sheaf.compaction",
    "catalog-role, dev.sheaf.catalogrole",
    "repair, dev.sheaf.siterepair dev.sheaf.repair.wiring"
  })
  void aFunctionGetsWhatItsCodeAsksFor(String function, String code) throws IOException {
    assertThat(given(function)).isEqualTo(askedFor(code));
  }

  @Test
  void everyPartOfTheConfigurationIsInTheTable() {
    assertThat(Arrays.stream(SiteConfig.class.getRecordComponents()))
        .allSatisfy(part -> assertThat(DOORS).containsKey("SiteConfig." + part.getName()));
  }

  private static Set<String> askedFor(String code) {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(code.split(" "));
    assertThat(classes).isNotEmpty();
    Set<String> asked = new TreeSet<>(Set.of(OF_ALL));
    for (JavaClass type : classes) {
      type.getAccessesFromSelf().stream()
          .map(access -> door(access.getTarget()))
          .flatMap(door -> Stream.of(DOORS.getOrDefault(door, "").split(" ", -1)))
          .filter(variable -> !variable.isEmpty())
          .forEach(asked::add);
    }
    return asked;
  }

  private static String door(AccessTarget target) {
    boolean isWiring =
        Stream.of(Site.class, SiteConfig.class, CatalogUsers.class)
            .anyMatch(type -> target.getOwner().isEquivalentTo(type));
    return isWiring ? target.getOwner().getSimpleName() + "." + target.getName() : "";
  }

  private static Set<String> given(String function) throws IOException {
    JsonNode resources = new ObjectMapper().readTree(TEMPLATE.toFile()).path("Resources");
    JsonNode properties =
        resources
            .valueStream()
            .map(resource -> resource.path("Properties"))
            .filter(p -> p.path("FunctionName").asText().equals("sheaf-main-" + function))
            .filter(p -> p.has("Runtime"))
            .findFirst()
            .orElseThrow();
    return properties
        .at("/Environment/Variables")
        .propertyStream()
        .map(Map.Entry::getKey)
        .filter(name -> name.startsWith("SHEAF_"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
