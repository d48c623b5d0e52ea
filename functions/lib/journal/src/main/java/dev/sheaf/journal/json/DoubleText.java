package dev.sheaf.journal.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Doubles in the fewest digits that read back the same, laid out as Go and JavaScript do. */
final class DoubleText {
  private static final double PLAIN_FROM = 1e-6;
  private static final double PLAIN_BELOW = 1e21;

  private DoubleText() {}

  static Json of(double number) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return new Json.Literal(Double.toString(number)); // refused when it is to be stored
    }
    if (number == 0) {
      return 1 / number < 0 ? new Json.Literal("-0") : new Json.Whole(0);
    }
    double size = Math.abs(number);
    BigDecimal digits = shortest(size);
    String text =
        size >= PLAIN_FROM && size < PLAIN_BELOW ? digits.toPlainString() : exponentForm(digits);
    return JsonNumbers.of(number < 0 ? "-" + text : text);
  }

  /** {@link Double#toString} gives the fewest digits, but never fewer than two. */
  private static BigDecimal shortest(double size) {
    BigDecimal digits = new BigDecimal(Double.toString(size)).stripTrailingZeros();
    if (digits.precision() == 2) {
      BigDecimal one = digits.round(new MathContext(1, RoundingMode.HALF_EVEN));
      if (one.doubleValue() == size) {
        return one.stripTrailingZeros();
      }
    }
    return digits;
  }

  private static String exponentForm(BigDecimal digits) {
    String figures = digits.unscaledValue().toString();
    int exponent = figures.length() - 1 - digits.scale();
    String fraction = figures.length() > 1 ? "." + figures.substring(1) : "";
    return figures.charAt(0) + fraction + (exponent < 0 ? "e-" : "e+") + Math.abs(exponent);
  }
}
