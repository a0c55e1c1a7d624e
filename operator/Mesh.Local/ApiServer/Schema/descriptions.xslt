<?xml version="1.0" encoding="utf-8"?>
<!-- Takes out of the client library's documentation what Kubernetes says of its kinds and their fields: per entry a line that
     begins with '=' and the member's name, then the text. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="utf-8" />
  <xsl:template match="/">
    <xsl:for-each select="doc/members/member[starts-with(@name, 'P:k8s.Models.') or starts-with(@name, 'T:k8s.Models.')]">
      <xsl:value-of select="concat('=', @name, '&#10;', summary, '&#10;')" />
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
