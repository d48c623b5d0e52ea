package dev.sheaf.bundle.msgpack;

/** The kinds of value, told apart by the first byte. */
enum Kind {
  NIL("nil"),
  BOOLEAN("a boolean"),
  INTEGER("an integer"),
  FLOAT("a float"),
  STRING("a string"),
  BINARY("binary"),
  LIST("a list"),
  MAP("a map"),
  EXTENSION("an extension type"),
  RESERVED("a reserved byte");

  private final String text;

  Kind(String text) {
    this.text = text;
  }

  /** How messages call it. */
  String text() {
    return text;
  }

  static Kind of(int tag) {
    if (tag <= 0x7f || tag >= 0xe0) {
      return INTEGER;
    }
    if (tag <= 0x8f) {
      return MAP;
    }
    if (tag <= 0x9f) {
      return LIST;
    }
    return tag <= 0xbf ? STRING : ofLong(tag);
  }

  private static Kind ofLong(int tag) {
    return switch (tag) {
      case 0xc0 -> NIL;
      case 0xc1 -> RESERVED;
      case 0xc2, 0xc3 -> BOOLEAN;
      case 0xc4, 0xc5, 0xc6 -> BINARY;
      case 0xca, 0xcb -> FLOAT;
      case 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3 -> INTEGER;
      case 0xd9, 0xda, 0xdb -> STRING;
      case 0xdc, 0xdd -> LIST;
      case 0xde, 0xdf -> MAP;
      default -> EXTENSION;
    };
  }
}
