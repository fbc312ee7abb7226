# Copyright (c) 2026, the anycloud.container_host authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images, certificates and variables of Secure Boot for unit tests.

The images are made here; their signatures were made by sbsign over exactly these, those of modules by the kernel's
sign-file, and the fingerprints were read by openssl. Keys: OWN (RSA 2048), DISTRIBUTION (RSA 1024, signs itself), VENDOR
(RSA 1024, issued by VENDOR_CA, which comes with its signature).
"""

from __future__ import annotations

import base64
import struct
import typing as t
import zlib

from ansible_collections.anycloud.container_host.plugins.module_utils._secure_boot.certificate import (
    Certificate,
    parse_certificate,
)

GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
DATABASE = "d719b2cb-3d3a-4596-a3bc-dad00e67656f"
SHIM_GUID = "605dab50-e046-4300-abb6-3dd810dd8b23"
EFIVARS = "/sys/firmware/efi/efivars"


def make_image(sections: t.Sequence[tuple[bytes, bytes]]) -> bytes:
    """A PE32+ image: headers in the first 1024 bytes, then the sections, then a table of their long names."""
    strings = b""
    placed, headers = b"", b""
    for name, content in sections:
        short = name
        if len(name) > 8:
            short = b"/%d" % (4 + len(strings))
            strings += name + b"\0"
        padded = content + b"\0" * (-len(content) % 512)
        address, offset = 0x1000 * (1 + len(headers) // 40), 1024 + len(placed)
        headers += struct.pack(
            "<8sIIIIIIHHI", short, len(content), address, len(padded), offset, 0, 0, 0, 0, 0x40000040
        )
        placed += padded
    symbols = 1024 + len(placed) if strings else 0
    if strings:
        table = struct.pack("<I", 4 + len(strings)) + strings
        placed += table + b"\0" * (-len(table) % 512)
    dos = b"MZ" + b"\0" * 58 + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, len(sections), 0, symbols, 0, 240, 0x206)
    sizes = (0x1000 * (1 + len(sections)), 1024, 0)  # of the image, of its headers; the checksum
    optional = struct.pack("<HBBIIIIIQII", 0x20B, 2, 20, 512, 0, 0, 0x1000, 0x1000, 0, 4096, 512)
    optional += struct.pack("<HHHHHHIIIIHHQQQQII", 0, 0, 0, 0, 0, 0, 0, *sizes, 10, 0, 0, 0, 0, 0, 0, 16) + b"\0" * 128
    return (dos + coff + optional + headers).ljust(1024, b"\0") + placed


def sign(image: bytes, *tables: bytes) -> bytes:
    """The image with tables of signatures that were made for it (UEFI 2.10, 32.2.4)."""
    directory = 64 + 24 + 112 + 8 * 4
    where = struct.pack("<II", len(image), sum(map(len, tables)))
    return image[:directory] + where + image[directory + 8 :] + b"".join(tables)


def unpack(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


def certificate(encoded: bytes) -> Certificate:
    found = parse_certificate(encoded)
    assert found is not None
    return found


def variable(name: str, data: bytes, guid: str = GLOBAL) -> dict[str, bytes]:
    """A variable as efivarfs shows it: attributes first."""
    return {f"{EFIVARS}/{name}-{guid}": b"\x06\0\0\0" + data}


DISTRIBUTION_DER = unpack(
    r"c-k{)V&XAqVk}+2%*4pVB*J#P_5OwB^X!>@LfmBKS}%O@e0ko0myJ`a&7<u*FC!y2D}#Z!p{Ri{8*?ZNGY?NnW^qYTW>RTMW`3T5f;g{{nW3SPse"
    r"z@bnTb)91iz6XNWj1lDu7#S<9uXW7+D#Z8+#cH8atU98yOCAIX<>Y*xAPO@Ni@0w&M&}Y9>V=yc+khOZS8Kw^?7;e*7-Zc6-BqInQ9zd&vrxC;#v"
    r"NXsgwbrX+sB>|W2EjQeG+zg{M?#cn>dUSIFAdD!Z0O!hBx#oRhx{rN9c+kTE;Ut+oQtqS|wZ8p7&Za@EY`+99%2B&j}zV*IimVp6(1(}!`85kD_8"
    r"w4820-Y|)$0EieBJ$zpGo$RV)@f5j(o3~d@2-y)j5d%5Nh`BR7>G4sSHKTaAk4`4pM}+c8AzdpEHluv{3q^DzL8<boEqBx{_)mX9~btwvh2TD$|C"
    r"1IUAg+`@r%#AMGp(8eCnTe`QG}KuYK4ymT6ao-tH~ZU(M^Xkm2h3-WBWk_>RuynsIcIR$@AH#>3c}O}QzZ-7Q7UrcV~#Qcc^nbKj{J?-lckJ9>4#"
    r"9NN15Qosb;Y^Gy*$ypz#IbOXB0E0%&Fa"
)
OWN_DER = unpack(
    r"c-k{)V)}2;#Q1yxGZP~dlZa0#gU-<}!l#yK*!nom&~5ns{)?aiFB_*;n@8JsUPeZ4Rt5t;LmmSzHs(+kW*+AJ@;n0tab6=cLqj7|14~mg6T>J8ej"
    r"`JWfPo=Y07FL;qY|>AjI0dIO^o~uKyfanCPqevML$^fJeA^^Y1;J7DsXvz`Zr@0(H#3o!9a#t*Cq-^2<S8!p7%TQLh<XpRo2O=4;Ql@n5-JVE>%5"
    r"gt>M#_z3--|d$_DOs<^aam-eau>Kh))9)4`cRkZr-jW}Dic}<p2X6+MOcOY$p<lI>u8!z!H#q8bmV6yh++27J*CheK5dzpbJ=f(0JRcu@gKfdaRX"
    r"+A4IShb_<XJV(q>WQ4(i<Zu~eK4g&!_el0>eV$jSLKvv+BPeExss7~?1QQBYxhHQ8!xM!&#p_Fv1igD#eKC(PJI!1S9~}b)=RtH;K<EiWN(u4fo="
    r"L1hkxRK)4WootFAYda`<{hW#0K|op_PS<5=12x^5<BMh3>k!3Kc_vcOQ2<zo?J5$SY%aG}Cq`JXKx&zXQ5Ih$2ad2cq52T3clNEnDUU{}BoQXtI8"
    r"_@9N<fEh@k#U(Q+w7ZYz7UwItcGVOd4J|yr?n<YmR(fgc{hF=&9tgMJl*u)}HecWV&O!U2W%qXUa_0P)AtEjQ#<x`R!;a`;U1J`*=ncA`uD`qTk$"
    r"snm_`cuO7eBYIX?im4!R3Iks6D+^VMWz;S+xNfrz>`>YQAB;;Lh>0c7ZERR(Rd_=y=6;wEy0P4*QpKUbhw0LW(R>8v7<}2{c`~by4O)ujemos{9w"
    r"mo<Dc>=u2CHzaDQd?sf0Kki%`a$Kyzih~kf+UCrjJ=gtz@!RVDLE;3vF(cAWKmuBqmy&<aEK2Ph>ht_ka1b&oFR!f||-d<&~#_b@{=lc)+nxAVC?"
    r"V3GxmBBP7Q6HD0d$wNz{5C({"
)
VENDOR_CA_DER = unpack(
    r"c-k{)V$v{ZVw|{unTe5!Nu>VZ_2`9)-e)`yM@xF&*tlBmX4(n^UN%mxHjlRNyo`+8tPBRKhWtPw=1>+c9=5R5yp;SRLm>kJkN`6eXBk*P!P(J3L7"
    r"dmf%+S!t)WFiz%)}^4g5SsxBw%0&6(H82#`(xDU}R-rZtP_+XzXNaY-Bj!$@({H(sk3Qqv}cTKW`O0u>L4-$1WGyk2|KM`SDB-()xaUisf`>)?%i"
    r"T$G?g+EkCWWJF|Ab^cBT-mDk&nOz(9pJ#_isgbN*Bw$ZhxPb?3Z^vS@<t!GKFLH&lj#x+ka2!6Fa7W%pCe~rP_?9JQ7dv0BN*uo`sbLq~KlHT013"
    r"*1c1j0}v6gAD==WP$FM<zo?J5%D|!a6`F_1J4!5Wp%qfMd$3FU{+-y50X}9kuVTzz^;HFq(GRF@jnZz0W*+73w36oXY1xHy2`MyR_jU3<X>~^3N*"
    r"_SCcmrM@XSG1+kE1i35mT0tEy8D&bP7qtS4M^d;Z>%>F(CaY|<JncI*AN+-&1(Tl}&1r!V`J%qmS@Bcr%OO52~mDCfGeeMvM!Yd`PrheD4IO!i3M"
    r"srIX{;+nm}qhE7VYJBfn3gxt@XxKB%n7Bj<07)y&_5"
)
CURVE_DER = unpack(
    r"c-k{)Vk|RgVw7FL%*4pVB$5(1e`Wp*$<s46-@g3PX(*c@@@<y^7aNCGo5wj@7G@>`0Yg3m9yaDs7G@sS<kF(DR09QZUL!L@LnBiIOH(rwqbLb}BS"
    r"VmYfgw}?i=IdWVK#QKnM{mO!<iY`nVlF|w&cpYG{`9Kw&g2t^b0DV`dnn!voBYJyM60Ey-97oQ&Fx{7*)Pxg`38=_9cS+;`TGt&q=1H2HVc^s+W0"
    r"?^kT*0V1qydS)gUId@N!tA}6-iU5g4Xn(R}<^w-Kqao59?b5aKKAZcY52?MbP><ain3WOOM|Ff_fFas&%5MXv^FmPc~@O;%Cd?P^S#_Ka*N@hKlH"
    r")#snVZZs2@bO&k<}(a#e2<tE65~(ajQ(HE{Wd>&|AwQ5fB&a`{a~D_e`uQV?wubqe+mKsNUecr"
)
KERNEL_BY_DISTRIBUTION = unpack(
    r"c-m`YVPIfjVq!38VyR-|)N1o+`_9YA&a|M3B^xM|&cw)Q$Zx>Q#+lIO!I;X-!o<kRU{JxvrOn33!q{Za#K^KB%OJzR7)gZRK$V%1VS&OTxds^q8!"
    r"+@|NMa~v$Y;o5NM$GiVmlBtFhnz#MIkBTmQ20u0WZCyyFahnVRN6+>HXST%NoU*xjVT+bNhZTXkrpDXky|qXksi~z|6$R#3aIYyY>Es<@4;BeL~!"
    r"1<ytR%@qBq6WG>VvjNCx?iW`a=2(vMVvM}@Tq+}MC6lErrmSpDV87PSJ8krdy8krhcnwpsyMM>}*8G;0WPJ;;G*4j89*%qMdnHzf<3>rI`8XFl7a"
    r"ydS>N!Z!O^YCzE<+kGtS866jAG{j(u}k-Z_qSPJ*M9si&USmlemT!z(|gGZmM8!3|7fe#kftPl!R%hoos9cst-oF-vc+ybv|eBDv3c0)ZA|trbH&"
    r"^`Uj6wmRNH=zUteOm^Q{W|+if<zi*7&vbo+X3T?VIfhrac`W0rvde+8L<;m^1@*dWkA7U*<YJ{B<+5s?o!pBZI`wN9HNl3uEvdUt)aV6=feNLrai"
    r"!a%G6y8?cY0%1nR|17Kq%s>h)WSN1U<v($M@{J5b=G4&k_m8*E`na&am1Y0MQWiPy>B`kdk6(P|EqYi$<x~H(%lFo=eC@-wu}r%v^mcEN{%T&Ag$"
    r"!5M_pVsS$9Hrt*Nmf!v=Y;qGakm)Y|2gP>~1M)Hhr?_mTKCro%>F;c(0gO+|jG^<<QpcmjWi(W-}ejOV0W@&GG78!zRXq!1S;em{JY&amE+!go2a"
    r"+7c@RKkc4}Xli835IiVZKAf#9g`O%V&fj&Z(#ZZYwLCJct+nH@np<bUd@5wm)yk7KLPr`E7y9Y~Z3YWZ^v~aCKB|-zgVU9tT0XN(+j9SPXF=P&t0"
    r"T&wwL?1J|0Uw;r1kA$?K>r~4j1C6uY^>UR%uMX4;u>fvm!+|R-QQC0TkXgH!7l}$s>f&rAL*$6Vf*2@o!EWdAKwnoIiNdNzV7Gxo!{afiMq@XeI{"
    r"yUXuLi7=JAyu1DAaeb^L1mAmyB??R?)&OE=YB?BqYd`_`SKHDy=d)!(9vZY7!Lu5|ZX(Cu;4{KG?*P2qE`FFel-F|v`Vve1w9d=*?8+*QNC002g4"
    r"h^G"
)
KERNEL_BY_OWN = unpack(
    r"c-s5O%D}+D#Kd6G#QKztQ>)FR?K>|cJJW(D)@wkaOH7Q6hWrM+Y@7*g9*n8XEKH273<ec!T-t1mER0R&OpGiGvJ5f|jFCk64OE#K85Srkl53D*um"
    r"MAVh9rh!hJ1z`hE#?UAhrWR14A@(Srn2YZpqZk9`MpTy8H9G9X9tFo!+mlwX9K`nY)uKG`H{ff+l8WgC?f`22G657cet1GBJtxlrrcX{UUs7iH5C"
    r"@;|$$~@9)0|g3N{bgpnKQUOqz}11>h^P!?t$=KS(J0|jwjBQrxoBU1xQQ!^98C<%TeLy!Q_MGyfD9Zif%$c6$P%iP4s4-7O$E~X|%MutT{SoS=X;"
    r"+bjM^vx=8d4BpgV-?XH`$)k+hFRAp3PuR%G#Q@vJMu#D>%CRh$*B()vmThN8ow@8J!!4s)0VyOrl@<ktT(E-v|*R_ssHL59?BkmY{yl!`s|H3TeW"
    r"#jmQQBw6I*v6ZG+_8SsfcM@hZja-Sl9x_U75&(qks=nXG%6fhXt1@*P!dTns<H>W67QD?eDZqwHs5r^4!qoZO3+&bWOrr9{Kf=7j3iH8)q~lxNyD"
    r"D}1?<k#_8Zsqky}LvtH1tDVoTOPaA~(jmotwMtHX5qVd9I2qPUyWQZ(&0l11lJbFV`WJ_P;(yb;QlzV{H<fbudPQa4`DvYak;&s&+3UJ)CSZ&+E)"
    r"F&bG>`>`nk*lS7>h`!<AVzo{>uMs`FPF*+{oFiddhpVfjmfBnMJ}ttO2_MevkrTM#ldvtOm?L3N0>~L80A!JhwPs!L_TV;Am*!@pV@^CAHE^TkqF"
    r"w-S<Ga{iaN=`L+4__ID222Q9m|qn9)1#|#l^@i)Guk{@<N7wa1H*hO#9{dE1^m5=PZOvLy7uD<xWbxqTgX%8+3ghlP?tqLouw#%vw$T(fGV^#AF>"
    r"jig?pS25IX|lrWzDLI^wxj*`E_B$xl=Hf+pcYbOk<!>VVN0Ot%B_ns4|+X+SySb|F!ubpt4Ckj3jFnWdvULO|AicGyFDI9YD5%&1np`zUp;r0$PP"
    r"xYRB@5n>W|*Gf4ekefA0-Z&Gva(k3O`XJ0<X=Y_eM7^!4^Ci#2Wsi9X+d=-2#Qi)h#EsjCd8F^T%P6y3A^YS_eN3Csqjz|3i&hMrb&X9=XNwxIE;"
    r"fh0U&IhhT4kh8Rb3_^<4kRK(t7)2TABV<_&l~@#%tQWhT+2$1L^(ph7jKk0CMX&WFEO)(ou%xDN$*V~V*BVqJH1Hed7-Si6!yUt@h0GB{<}d+$#R"
    r"1XB%x=I3XEOmys|KKd5PU`l19mo6Z9Zluc2sc<v`ov=#K=%~(Kv7afl80dA2?3+UYq-AueaWZLn+UC%Duf_<wUay^@(TYUOv<0@%e_<6WRJlf8Ls"
    r"B`&I0Gc0fdl@nK|t*>&MamxvmpM>_lh;tyH^HXTWR6zm;-(!xcwaQBC#tDaL9t7wPctQ7t9L}ymQV%OC9A@Su?=9#sp2&7j2|Dl$dzA-~m%zuG9q"
    r"kz@(9Se+&S1Z1?%#{$$GJj&B+H>TC-jD5W`W(lv&%39?X{7Pl&h7u|tR{E&Q@Q=V_2OFGrR%O8_-<B^KV7(^@|Z)yHGY;|<-9j;CzzP+RdWqzSn0"
    r"L?mhv?27spqWh6xuHoa=5%pW)dZr+HxycT?M8^<K6w=Qc7x0055FF5L"
)
SHIM_BY_VENDOR = unpack(
    r"c-r$|V_;xlVq!38VzXi6)N1o+`_9YA&a|M3O&2Jn$;8NL$Zx>Q#+lIO!I;X-!o<kRU{JxvrOn33!q{Za#K^KB%OJzR7)gZRK$V%1VS&OTxds^q8!"
    r"+@|NMa~v$Y;o5NM$GiVmlBtFhnz#Md2_HPkZ`QF`FQ#mU(}-PkGzwzwGU+2-%s-b^Z1G?`^eN(8PS*powug5DPFdvV-(PUChW0beAgFsm!4)Ts&-"
    r"Hsd*{+MTSBK0w4iq9?mkbfP%B5fr2=%k(r^Pk*R^DshNpUlmx$#AxHq|Ac%m0AcjE(jq{Oh1G<*Ev6sQ1v6HE>k>ULpi$yB;4$X=9G4It(9nrr}H"
    r">;{oYPoc6_NA}&o*N=P12W#aZOW^)5pw;t`&;yL^`#ECXRo?4^T4icS#PssIR5+S8K}hX*!ZaP>wlH>gJ%n#e4DrBx%KbmlCQh7os91>l^8mnxa#"
    r"&SdZyXtPyDxZ=iS(xB~my&frB-$;r{nyEBl#%;mwE^7|cL-^_|(3Z*BB{T{UCk6_HiRMf)9QbhGvNN7fptH5hTNz54pjnHRn%R3Cg;!`odQ=p!U@"
    r"(Cuib=mf7Tb)mUW5>L)<Wo45V$+&U5#<5?B@6VQ{H@EEndvC$z_gZpSM5R_oernM-iFm_gH7j(Uu%+0^RX;d_4!)Wux=)h5<d15UNsO>T6O#rosw"
    r"OUAW@2Pw5~)9UJ$j*{_ZiQ_(URUbHm;VtnYMyvQAngg_@ecEC+pv+N!LxIj;bfU|GZW3!1|-S9lKm)Kkk^4=EpNVNbCFYDVEcjS&NxU9{(!RwEVQ"
    r"f?#$Z#(pMDURbFpPGQHQa^w8yh6E1Xk*+$o%KCwJt(kBBax1J@z2K5{A8rM9zAo$hxSm@`j|1}0zvo~)S@40p9VGEbk&80g_N_un4E^vdRb#bskp"
    r"n)vV-LiZvVk{zl=O1n;mvP{^;<&7Cx2Ncw{S(Zp4CF!5$}AEFVhz|8@PiZxGcx{XVKra|QdrVT-JC^N85Y)RJ&Bq8Yi?bEW?91IcQqTHIp}JePkb"
    r"{WvA1AVb;`l{Hg=!&gllfk-&-=>-8z{~TBF5oz2BCbZG3HuKi2;AWxtYHrO9h#6n98z`|}s&TvxU)iDqc+=l%Uq=+S}69_c&Pe)UycvsZZZYi>%7"
    r"?_EowoE8-gdxjYkmna!FG427Tl^wtW$3Tn7*n<`UNJYqk#-|37aKCXf8}c9*RR%H$DON*%v@~R(kC0_CRANzh9RFu~*xK~Dr<0y?hpU}G@bZS^=^"
    r"hQE_a<9}{Qs;u#%NH9(7<n)V~}OQ4R;Kq7BWW+nZsnj#l`{A$INcP2WK+@OW_8fe-L~|2LpCCR&73JCU#VD4YWkd(%3LjczS1XIrEFXZ2RZ+-rBa"
    r"VBzD`H?;E=prruZJ<w%H~{daF^O2La4?;EDS`#62acgw<ME2{6y|BuPOcHzEZ(oxyiUA@wBIVx9EzV4jbuM!f>yt$=eQkrXG%7lfYaazk0Ji8y>f"
    r"BydC;?FB4|37if^&#hJk@B7^>au~GzCXUrQ7sJsDs?Lt"
)
MODULE_BY_OWN = unpack(
    r"c-k{)Vr*sO)N1o+`_9YA&a|M3vCN=}v51M0(U8}Gn~gJ}&4V$OnT3fF#DOVeG;Ct@2P*RhDl<?s;4|bg;9_GAWnt!F&M(hn67eZz&^h`=_|y^&TO"
    r"Y?6x((moe-T7Aj2CVgBO@yVOA{l*EUAS?pPyZ4*c>jI7`*<8S82n2vE3og4hs`<3mvESt`$j$d%@rQC`0Vh(NB(VOfH=&a2I-iH>GB|k+tH7lC<-"
    r"oi@NtH72j77pK)L73FonC7o>fhg0xN={WjXpBv5c>f#P+^@9$(jvi&y7H00WTgFElbj@Zi&7kSBsZJz1-W<~DBg`HkH8<z=vR$0Fy`1tzw_u5rAo"
    r"L|`$@FlD)IbJy-DI%?U6SFqw8$}Cs@jGStFU_AUu(ZoEnRT*1dAD_N(tW>;;+#)o_FY+6EBxfyyyGXF;=dUe|44hlbF;PR!O;d4o$p?Wzox$kc#^"
    r"iaN~OjmHb){@BKR{O-?ie6vW)90*%%m@7$AVLv(7g^r8Fm1p*S-=FR`SwC{-b`pdd9bB{ijv3jpGSr`i"
)

OWN, DISTRIBUTION = certificate(OWN_DER), certificate(DISTRIBUTION_DER)
VENDOR_CA, CURVE = certificate(VENDOR_CA_DER), certificate(CURVE_DER)

KERNEL = make_image([(b".text", b"kernel")])
VENDOR_CERTIFICATE = struct.pack("<IIII", len(DISTRIBUTION_DER), 0, 16, 16 + len(DISTRIBUTION_DER)) + DISTRIBUTION_DER
SBAT = b"sbat,1,SBAT Version\nshim,4,UEFI shim,shim\n"
SHIM = sign(make_image([(b".sbat", SBAT), (b".vendor_cert", VENDOR_CERTIFICATE)]), SHIM_BY_VENDOR)
KERNEL_OF_DISTRIBUTION = sign(KERNEL, KERNEL_BY_DISTRIBUTION)
KERNEL_OF_OWN = sign(KERNEL, KERNEL_BY_OWN)
KERNEL_OF_BOTH = sign(KERNEL, KERNEL_BY_DISTRIBUTION, KERNEL_BY_OWN)
KERNEL_CHANGED = KERNEL_OF_OWN.replace(b"kernel", b"evil!!")
