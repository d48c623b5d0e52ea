package dev.sheaf.localstack.acceptance;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.ConstructorCallTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullMarked;

/** How the house is built: who may know whom, and where time and chance come in. */
@AnalyzeClasses(packages = "dev.sheaf", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String BUNDLE = "dev.sheaf.bundle..";
  private static final String STORAGE = "dev.sheaf.storage..";
  private static final String REPOSITORY = "dev.sheaf.repository..";
  private static final String JOURNAL = "dev.sheaf.journal..";
  private static final String OPS = "dev.sheaf.ops..";
  private static final String GIT = "dev.sheaf.git..";
  private static final String REPAIR = "dev.sheaf.repair..";
  private static final String[] LIBRARIES = {
    BUNDLE, STORAGE, REPOSITORY, JOURNAL, OPS, GIT, REPAIR
  };

  private static final String BUNDLE_INDEX = "dev.sheaf.bundleindex..";
  private static final String API = "dev.sheaf.api..";
  private static final String COMPACTION = "dev.sheaf.compaction..";
  private static final String CATALOG_ROLE = "dev.sheaf.catalogrole..";
  private static final String SITE_REPAIR = "dev.sheaf.siterepair..";
  private static final String PEER_SYNC = "dev.sheaf.peersync..";
  private static final String[] FUNCTIONS = {
    BUNDLE_INDEX, API, COMPACTION, CATALOG_ROLE, SITE_REPAIR, PEER_SYNC
  };

  private static final String CLI = "dev.sheaf.cli..";
  private static final String LOCALSTACK = "dev.sheaf.localstack..";
  private static final String TESTING = "dev.sheaf.testing..";
  private static final String WIRING = "..wiring..";

  private static final String[] AWS_CLIENTS = {"software.amazon.awssdk.."};
  private static final String[] LAMBDA = {"com.amazonaws.services.lambda.."};
  private static final String[] SQL = {"java.sql..", "javax.sql..", "org.postgresql.."};

  /** Where time, chance and sleep come from, and by which members. */
  private static final Map<Class<?>, Set<String>> WORLD_OUTSIDE =
      Map.ofEntries(
          Map.entry(Instant.class, Set.of("now")),
          Map.entry(LocalDate.class, Set.of("now")),
          Map.entry(LocalDateTime.class, Set.of("now")),
          Map.entry(OffsetDateTime.class, Set.of("now")),
          Map.entry(ZonedDateTime.class, Set.of("now")),
          Map.entry(Clock.class, Set.of("system", "systemUTC", "systemDefaultZone")),
          Map.entry(InstantSource.class, Set.of("system")),
          Map.entry(System.class, Set.of("currentTimeMillis", "nanoTime")),
          Map.entry(UUID.class, Set.of("randomUUID")),
          Map.entry(Math.class, Set.of("random")),
          Map.entry(Thread.class, Set.of("sleep")),
          Map.entry(ThreadLocalRandom.class, Set.of("current")),
          Map.entry(RandomGenerator.class, Set.of("getDefault", "of")));

  @ArchTest
  static final ArchRule bundle_knows_neither_aws_nor_sql_nor_anything_above_it =
      noClasses()
          .that()
          .resideInAPackage(BUNDLE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(AWS_CLIENTS)
                  .or(resideInAnyPackage(LAMBDA))
                  .or(resideInAnyPackage(SQL))
                  .or(resideInAPackage("dev.sheaf..").and(DescribedPredicate.not(in(BUNDLE)))));

  @ArchTest
  static final ArchRule storage_stands_on_bundle_alone =
      noClasses()
          .that()
          .resideInAPackage(STORAGE)
          .should()
          .dependOnClassesThat(ofSheafOutside(STORAGE, BUNDLE));

  @ArchTest
  static final ArchRule repository_stands_on_storage =
      noClasses()
          .that()
          .resideInAPackage(REPOSITORY)
          .should()
          .dependOnClassesThat(ofSheafOutside(REPOSITORY, STORAGE, BUNDLE, OPS, GIT));

  @ArchTest
  static final ArchRule git_stands_on_storage =
      noClasses()
          .that()
          .resideInAPackage(GIT)
          .should()
          .dependOnClassesThat(ofSheafOutside(GIT, STORAGE, BUNDLE));

  @ArchTest
  static final ArchRule journal_stands_on_storage =
      noClasses()
          .that()
          .resideInAPackage(JOURNAL)
          .should()
          .dependOnClassesThat(ofSheafOutside(JOURNAL, STORAGE, BUNDLE));

  @ArchTest
  static final ArchRule ops_stand_on_storage =
      noClasses()
          .that()
          .resideInAPackage(OPS)
          .should()
          .dependOnClassesThat(ofSheafOutside(OPS, STORAGE, BUNDLE));

  @ArchTest
  static final ArchRule repair_stands_on_repository_ops_and_journal =
      noClasses()
          .that()
          .resideInAPackage(REPAIR)
          .should()
          .dependOnClassesThat(
              ofSheafOutside(REPAIR, REPOSITORY, OPS, GIT, JOURNAL, STORAGE, BUNDLE));

  @ArchTest
  static final ArchRule libraries_know_no_lambda_types =
      noClasses()
          .that()
          .resideInAnyPackage(LIBRARIES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(LAMBDA);

  @ArchTest
  static final ArchRule a_function_knows_the_libraries_and_itself_only =
      classes().that().resideInAnyPackage(FUNCTIONS).should(knowOnlyLibrariesAndItself());

  @ArchTest
  static final ArchRule the_event_types_end_at_the_handlers =
      noClasses()
          .that()
          .resideInAnyPackage(FUNCTIONS)
          .and()
          .haveSimpleNameNotEndingWith("Handler")
          .and()
          .haveSimpleNameNotContaining("Event")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(LAMBDA);

  @ArchTest
  static final ArchRule only_the_adapters_know_the_aws_sdk =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.sheaf.storage.s3..",
              "dev.sheaf.storage.rds..",
              "dev.sheaf.storage.queue..",
              "dev.sheaf.storage.wiring..",
              // What stands for AWS's own services between the functions.
              LOCALSTACK)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(AWS_CLIENTS);

  @ArchTest
  static final ArchRule only_the_local_servers_know_jdbc =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sheaf.localstack.servers..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SQL);

  @ArchTest
  static final ArchRule the_local_servers_know_nothing_of_the_functions =
      noClasses()
          .that()
          .resideInAPackage("dev.sheaf.localstack.servers..")
          .should()
          .dependOnClassesThat(ofSheafOutside("dev.sheaf.localstack.servers.."));

  @ArchTest
  static final ArchRule nobody_ships_the_test_kit =
      noClasses()
          .that()
          .resideOutsideOfPackage(TESTING)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(TESTING);

  @ArchTest
  static final ArchRule nobody_stands_on_the_command_line =
      noClasses()
          .that()
          .resideOutsideOfPackages(CLI, LOCALSTACK)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CLI, LOCALSTACK);

  /** It is installed alone. */
  @ArchTest
  static final ArchRule the_command_line_stands_on_libraries =
      noClasses()
          .that()
          .resideInAPackage(CLI)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(FUNCTIONS)
                  .or(resideInAnyPackage(LAMBDA))
                  .or(resideInAnyPackage(SQL))
                  .or(resideInAPackage(LOCALSTACK)));

  /** Local servers stand for services that have clocks of their own. */
  @ArchTest
  static final ArchRule time_chance_and_sleep_come_from_the_wiring =
      noClasses()
          .that()
          .resideOutsideOfPackages(WIRING, LOCALSTACK, TESTING)
          .should()
          .accessTargetWhere(theWorldOutside());

  /** A journal opened without options takes the real clock, which its wiring has. */
  @ArchTest
  static final ArchRule packages_have_no_cycles =
      slices()
          .matching("dev.sheaf.(**)")
          .should()
          .beFreeOfCycles()
          .ignoreDependency(
              resideInAPackage("dev.sheaf.journal"), resideInAPackage("dev.sheaf.journal.wiring"));

  @ArchTest
  static final ArchRule null_is_marked_everywhere =
      classes()
          .that()
          .resideInAPackage("dev.sheaf..")
          .should(
              new ArchCondition<JavaClass>("be in a package that is @NullMarked") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                  if (!item.getPackage().isAnnotatedWith(NullMarked.class)) {
                    events.add(
                        SimpleConditionEvent.violated(
                            item, item.getPackageName() + " has no @NullMarked package-info"));
                  }
                }
              });

  private static DescribedPredicate<JavaClass> in(String packages) {
    return resideInAPackage(packages);
  }

  private static DescribedPredicate<JavaClass> ofSheafOutside(String... packages) {
    return resideInAPackage("dev.sheaf..")
        .and(DescribedPredicate.not(resideInAnyPackage(packages)))
        .as("classes of Sheaf outside of %s", String.join(", ", packages));
  }

  private static ArchCondition<JavaClass> knowOnlyLibrariesAndItself() {
    return new ArchCondition<>("know only libraries and their own function") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        String own = functionOf(item);
        item.getDirectDependenciesFromSelf().stream()
            .filter(d -> d.getTargetClass().getPackageName().startsWith("dev.sheaf."))
            .filter(d -> !resideInAnyPackage(LIBRARIES).test(d.getTargetClass()))
            .filter(d -> !functionOf(d.getTargetClass()).equals(own))
            .forEach(d -> events.add(SimpleConditionEvent.violated(item, d.getDescription())));
      }
    };
  }

  /** The third part of {@code dev.sheaf.<function>...}. */
  private static String functionOf(JavaClass item) {
    return item.getPackageName().split("\\.", -1)[2];
  }

  private static DescribedPredicate<JavaAccess<?>> theWorldOutside() {
    return DescribedPredicate.describe(
        "reads the wall clock, draws at random or sleeps",
        access ->
            drawsItsOwnSeed(access.getTarget())
                || WORLD_OUTSIDE.entrySet().stream()
                    .filter(entry -> access.getTargetOwner().isAssignableTo(entry.getKey()))
                    .anyMatch(entry -> entry.getValue().contains(access.getTarget().getName())));
  }

  /** A generator made without a seed. */
  private static boolean drawsItsOwnSeed(AccessTarget target) {
    return target instanceof ConstructorCallTarget constructor
        && constructor.getOwner().isAssignableTo(RandomGenerator.class)
        && constructor.getRawParameterTypes().isEmpty();
  }
}
