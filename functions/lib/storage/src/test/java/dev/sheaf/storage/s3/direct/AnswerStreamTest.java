package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerStreamTest {
  private static AnswerStream of(String text) {
    return new AnswerStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void readsLinesOfEveryEndAndTheBytesBehindThem() throws IOException {
    AnswerStream in = of("a\r\nb\n\r\n\r\r\n\u00fcc");
    assertThat(in.line()).isEqualTo("a");
    assertThat(in.line()).isEqualTo("b");
    assertThat(in.line()).isEmpty();
    assertThat(in.line()).isEqualTo("\r");
    assertThat(in.read()).isEqualTo(0xfc);
    assertThat(in.readAllBytes()).containsExactly('c');
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.read(new byte[9_000])).isEqualTo(-1);
  }

  /** Whatever the lengths, which end before, at and behind the end of the buffer. */
  @Test
  void noByteIsLostAtTheEndOfTheBuffer() throws IOException {
    for (int length = 2_040; length < 2_052; length++) {
      String line = "x".repeat(length);
      String body = "y".repeat(length);
      AnswerStream in = of(line + "\r\n" + body + line + "\r\nend");
      assertThat(in.line()).isEqualTo(line);
      assertThat(in.readNBytes(length)).asString().isEqualTo(body);
      assertThat(in.line()).isEqualTo(line);
      assertThat(in.readAllBytes()).asString().isEqualTo("end");
    }
  }

  @Test
  void aLineHasAnEndAndALimit() {
    assertThatThrownBy(() -> of("").line()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> of("abc").line()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> of("x".repeat(100_000) + "\n").line())
        .isInstanceOf(ProtocolException.class);
  }
}
