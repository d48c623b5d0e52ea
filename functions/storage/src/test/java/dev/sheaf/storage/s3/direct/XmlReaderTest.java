package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XmlReaderTest {
  /** The text of an element {@code a}, once by its text and once by its being passed over. */
  private static String textOf(String document) throws ProtocolException {
    byte[] bytes = document.getBytes(StandardCharsets.ISO_8859_1);
    XmlReader skipping = new XmlReader(bytes);
    assertThat(skipping.root()).isEqualTo("a");
    skipping.skip();
    skipping.end();
    XmlReader reader = new XmlReader(bytes);
    reader.root();
    String text = reader.text();
    reader.end();
    return text;
  }

  @Test
  void readsText() throws ProtocolException {
    assertThat(textOf("<a/>")).isEmpty();
    assertThat(textOf("<a></a >\n")).isEmpty();
    assertThat(textOf("<a> b\n</a>")).isEqualTo(" b\n");
    assertThat(textOf("<a>1&lt;2&gt;&amp;&apos;&quot;&#65;&#x1F600;3</a>"))
        .isEqualTo("1<2>&'\"A\ud83d\ude003");
    assertThat(textOf("<?xml version=\"1.0\" encoding='utf-8'?><a>\u00c3\u00bc</a>"))
        .isEqualTo("ü");
    assertThat(textOf("<a b='>' c=\"/>\">d</a>")).isEqualTo("d");
  }

  @Test
  void walksThroughElements() throws ProtocolException {
    XmlReader reader =
        new XmlReader("<a> <b/><c><d>1</d>2<e/></c><f>3</f></a>".getBytes(StandardCharsets.UTF_8));
    assertThat(reader.root()).isEqualTo("a");
    assertThat(reader.child()).isEqualTo("b");
    assertThat(reader.child()).as("inside b").isNull();
    assertThat(reader.child()).isEqualTo("c");
    reader.skip();
    assertThat(reader.child()).isEqualTo("f");
    assertThat(reader.text()).isEqualTo("3");
    assertThat(reader.child()).isNull();
    reader.end();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "<a>",
        "<a></b>",
        "<a></a><a/>",
        "<a></a>b",
        "<a>&nbsp;</a>",
        "<a>&#xD800000;</a>",
        "<a>&#;</a>",
        "<a>&;</a>",
        "<a>&amp</a>",
        "<a>\r\n</a>",
        "<a>\u00c3</a>",
        "<a><![CDATA[b]]></a>",
        "<a><!-- b --></a>",
        "<!DOCTYPE a><a/>",
        "<!-- b --><a/>",
        "<?xml version='1.0' encoding='UTF-16'?><a/>",
        "<a b='></a>",
        "<a <b/>></a>",
        "< a></a>",
        "\u00ef\u00bb\u00bf<a/>",
      })
  void refusesWhatItDoesNotUnderstand(String document) {
    assertThatThrownBy(() -> textOf(document)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void depthHasALimit() {
    String deep = "<a>".repeat(100_000);
    assertThatThrownBy(() -> textOf(deep)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void textIsNotLookedForAmongElements() {
    assertThatThrownBy(
            () -> {
              XmlReader reader = new XmlReader("<a>1<b/></a>".getBytes(StandardCharsets.UTF_8));
              reader.root();
              reader.text();
            })
        .isInstanceOf(ProtocolException.class);
  }
}
