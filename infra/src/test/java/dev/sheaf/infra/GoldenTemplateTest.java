package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The whole template of a default site, so that a review shows what a change does to it. After a
 * wanted change: {@code mvn -B test -pl infra -Dgolden.update}.
 */
@NeedsNode
class GoldenTemplateTest {
  private static final Path GOLDEN = Path.of("src/test/resources/sheaf-main.template.json");

  @Test
  void isTheTemplateOfADefaultSite() throws IOException {
    String template = written();
    if (System.getProperty("golden.update") != null) {
      Files.writeString(GOLDEN, template);
    }
    assertThat(template)
        .as("infra/%s; after a wanted change run: mvn -B test -pl infra -Dgolden.update", GOLDEN)
        .isEqualTo(Files.readString(GOLDEN));
  }

  private static String written() throws IOException {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
    return new ObjectMapper()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .writer(printer)
            .writeValueAsString(Synthesized.template().toJSON())
        + "\n";
  }
}
