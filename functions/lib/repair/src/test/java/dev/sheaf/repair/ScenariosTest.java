package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code SCENARIOS.md} names tests that there are, and leaves none of the rules out. */
class ScenariosTest {
  private static final Path ROOT = Path.of("../../..");

  private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");

  /** A test, its annotations, and no end of a method before its name. */
  private static final String TEST = "@(?:Parameterized)?Test\\b(?:(?!\\n {2}}\\n)[\\s\\S])*?";

  private final String table = read(Path.of("SCENARIOS.md"));

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }

  /** The sources of test classes by their names, of all modules. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> tests = new HashMap<>();
    for (String part : List.of("functions", "localstack")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(part))) {
        files
            .filter(file -> file.toString().contains("/src/test/java/"))
            .filter(file -> file.toString().endsWith("Test.java"))
            .forEach(file ->
                tests.merge(
                    file.getFileName().toString().replace(".java", ""),
                    read(file),
                    String::concat));
      }
    }
    return tests;
  }

  @Test
  void eachTestThatIsNamedExists() throws IOException {
    Map<String, String> tests = tests();
    TreeSet<String> gone = new TreeSet<>();
    List<MatchResult> named = NAMED.matcher(table).results().toList();
    for (MatchResult test : named) {
      String source = tests.getOrDefault(test.group(1), "");
      String method = TEST + "void " + test.group(2) + "\\(";
      if (!Pattern.compile(method).matcher(source).find()) {
        gone.add(test.group(1) + "#" + test.group(2));
      }
    }
    assertThat(gone).isEmpty();
    assertThat(named).hasSizeGreaterThan(80);
  }

  @Test
  void eachLineNamesATestAndNoRuleIsLeftOut() {
    List<String> rows = table.lines().filter(line -> line.startsWith("| ")).toList();
    assertThat(rows)
        .filteredOn(row -> !row.equals("| scenario | test |") && !row.equals("| rule | test |"))
        .allMatch(row -> NAMED.matcher(row).find());
    List<String> rules = IntStream.rangeClosed(1, 18).mapToObj(rule -> "| " + rule + ". ").toList();
    assertThat(rules).allMatch(rule -> rows.stream().anyMatch(row -> row.startsWith(rule)));
  }
}
