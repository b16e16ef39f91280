//! The numbers a comparison comes to, each with a weight of its own in the table of weights.

use super::compare::{
    AddressLevel, Branches, CodeLevel, Comparison, DomainLevel, LegalLevel, MailLevel, NameLevel,
    PersonLevel, PhoneLevel,
};
use super::place::Regions;
use super::verdict::Field;

macro_rules! features {
    ($($feature:ident $name:literal $field:ident;)*) => {
        /// One number of a comparison. Its name stands in the table of weights.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Feature { $($feature,)* }

        impl Feature {
            pub const ALL: &'static [Feature] = &[$(Feature::$feature,)*];

            pub fn name(self) -> &'static str {
                match self { $(Feature::$feature => $name,)* }
            }

            /// The field that the number speaks of.
            pub fn field(self) -> Field {
                match self { $(Feature::$feature => Field::$field,)* }
            }
        }
    };
}

features! {
    Bias "bias" Together;
    Full "name.full" Name; FullRarity "name.full.rarity" Name; FullSpread "name.full.spread" Name;
    Sounds "name.sounds" Name; SoundsRarity "name.sounds.rarity" Name;
    Spelt "name.spelt" Name; SpeltRarity "name.spelt.rarity" Name;
    Start "name.start" Name; StartRarity "name.start.rarity" Name; StartSpread "name.start.spread" Name; StartLong "name.start.long" Name;
    Brand "name.brand" Name; BrandRarity "name.brand.rarity" Name; BrandTrade "name.brand.trade" Name; BrandSounds "name.brand.sounds" Name;
    BrandSpelt "name.brand.spelt" Name; BrandSpeltRarity "name.brand.spelt.rarity" Name;
    End "name.end" Name; EndRarity "name.end.rarity" Name;
    Abbreviated "name.abbreviated" Name; AbbreviatedRarity "name.abbreviated.rarity" Name;
    Near "name.near" Name; NearLikeness "name.near.likeness" Name; NearRarity "name.near.rarity" Name;
    Alike "name.alike" Name; AlikeLikeness "name.alike.likeness" Name; Scripts "name.scripts" Name; NameDiffers "name.differs" Name;
    SelfSame "person.same" Name; SelfSameRarity "person.same.rarity" Name; SelfSounds "person.sounds" Name; SelfNear "person.near" Name;
    SelfSurname "person.surname" Name; SelfDiffers "person.differs" Name;
    LegalDiffers "legal.differs" Name; LegalConfused "legal.confused" Name; GroupDiffers "group.differs" Name;
    FormalPart "formal.part" Name; FormalSounds "formal.sounds" Name; FormalRegions "formal.regions" Region;
    BranchSame "branch.same" Branch; BranchOne "branch.one" Branch; BranchDiffers "branch.differs" Branch;
    RegionSame "region.same" Region; RegionInside "region.inside" Region; RegionProvince "region.province" Region;
    RegionApart "region.apart" Region; RegionApartFull "region.apart.full" Region;
    PlacesSame "places.same" Region; PlacesCity "places.city" Region; PlacesApart "places.apart" Region;
    ContactSame "contact.same" Contact; ContactSameRarity "contact.same.rarity" Contact; ContactSounds "contact.sounds" Contact;
    ContactNear "contact.near" Contact; ContactSurname "contact.surname" Contact; ContactDiffers "contact.differs" Contact;
    ContactInMail "contact.in_mail" Contact; ContactSpread "contact.spread" Contact;
    PhoneSame "phone.same" Phone; PhoneRarity "phone.rarity" Phone; PhoneSpread "phone.spread" Phone; PhoneLocal "phone.local" Phone;
    PhoneNear "phone.near" Phone; PhoneKinds "phone.kinds" Phone; PhoneDiffers "phone.differs" Phone;
    MailSame "mail.same" Mail; MailSpread "mail.spread" Mail; MailNear "mail.near" Mail; MailName "mail.name" Mail; MailDiffers "mail.differs" Mail;
    DomainSame "domain.same" Mail; DomainSpread "domain.spread" Mail; DomainNear "domain.near" Mail; DomainDiffers "domain.differs" Mail;
    DomainName "domain.name" Mail;
    Room "address.room" Address; House "address.house" Address; OtherRoom "address.other_room" Address; NearHouse "address.near_house" Address;
    Road "address.road" Address; AddressDiffers "address.differs" Address; AddressSpread "address.spread" Address;
    CodeSame "code.same" Code; CodeOrganisation "code.organisation" Code; CodeNear "code.near" Code; CodeDoubtful "code.doubtful" Code;
    CodeDiffers "code.differs" Code; CodeSpread "code.spread" Code;
    Western "western" Together; Given "given" Name; GivenDiffers "given.differs" Name; Surname "surname" Name; SurnameDiffers "surname.differs" Name;
    Born "born" Born; BornDiffers "born.differs" Born; Street "street" Address; StreetDiffers "street.differs" Address;
    StreetNumber "street.number" Address; StreetNumberDiffers "street.number.differs" Address; Line "line" Address; LineDiffers "line.differs" Address; Suburb "suburb" Address;
    SuburbDiffers "suburb.differs" Address; Postcode "postcode" Address; PostcodeDiffers "postcode.differs" Address;
    Identifier "identifier" Identifier; IdentifierNear "identifier.near" Identifier; IdentifierDiffers "identifier.differs" Identifier;
    NoAgreement "together.none" Together; OneAgreement "together.one" Together; TwoAgreements "together.two" Together;
    GoodNameAlone "together.name.alone" Together; GoodNameAgainst "together.name.against" Together;
    BadNameOne "together.bad_name.one" Together; BadNameTwo "together.bad_name.two" Together; BadNameContact "together.bad_name.contact" Together;
    WeakNameOne "together.weak_name.one" Together; WeakNameTwo "together.weak_name.two" Together; WeakNameNone "together.weak_name.none" Together;
    PhoneAgainstContact "together.phone.contact" Together; SelfPhone "together.person.phone" Together; SelfAgainst "together.person.against" Together;
}

/// How many features there are: the single ones, and one for each name group with each signal.
pub(crate) const COUNT: usize = Feature::ALL.len() + NAME_GROUPS.len() * SIGNALS.len();

/// What a name comes to, when other fields are weighed in its light: an equal phone says more beside a short name than beside another
/// name.
const NAME_GROUPS: [&str; 8] =
    ["same", "start", "weak", "bad", "none", "person", "person.near", "person.bad"];

/// What is weighed in the light of the name, with the field it belongs to.
const SIGNALS: [(&str, Field); 20] = [
    ("phone.same", Field::Phone),
    ("phone.differs", Field::Phone),
    ("phone.spread", Field::Phone),
    ("contact.same", Field::Contact),
    ("contact.surname", Field::Contact),
    ("contact.differs", Field::Contact),
    ("domain.same", Field::Mail),
    ("domain.differs", Field::Mail),
    ("mail.same", Field::Mail),
    ("address.same", Field::Address),
    ("address.differs", Field::Address),
    ("code.same", Field::Code),
    ("code.doubtful", Field::Code),
    ("region.apart", Field::Region),
    ("places.apart", Field::Region),
    ("formal", Field::Name),
    ("phone.and.contact", Field::Together),
    ("phone.not.contact", Field::Together),
    ("contact.not.phone", Field::Together),
    ("address.not.phone", Field::Together),
];

/// The name of a feature by its place.
pub(crate) fn name_of(at: usize) -> String {
    match at.checked_sub(Feature::ALL.len()) {
        None => Feature::ALL[at].name().to_owned(),
        Some(cross) => format!("{}&{}", NAME_GROUPS[cross / SIGNALS.len()], SIGNALS[cross % SIGNALS.len()].0),
    }
}

/// The field of a feature by its place.
pub(crate) fn field_of(at: usize) -> Field {
    match at.checked_sub(Feature::ALL.len()) {
        None => Feature::ALL[at].field(),
        Some(cross) => SIGNALS[cross % SIGNALS.len()].1,
    }
}

/// The place of a feature by its name.
pub(crate) fn place_of(name: &str) -> Option<usize> {
    (0..COUNT).find(|at| name_of(*at) == name)
}

/// The numbers of one comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Features(pub(crate) [f32; COUNT]);

impl Features {
    pub(crate) fn of(found: &Comparison) -> Features {
        let mut features = Features([0.0; COUNT]);
        features.set(Feature::Bias, 1.0);
        if found.western.is_some() && found.name == NameLevel::Missing {
            features.western(found);
            features.phone_and_mail(found);
            return features;
        }
        if found.persons {
            features.person(found);
        } else {
            features.name(found);
            features.contact(found);
        }
        features.meta(found);
        features.phone_and_mail(found);
        features.address_and_code(found);
        features.together(found);
        features.cross(found);
        features
    }

    fn cross(&mut self, found: &Comparison) {
        let group = match (found.persons, found.name, found.person) {
            (true, _, PersonLevel::Same | PersonLevel::Sounds) => 5,
            (true, _, PersonLevel::Near | PersonLevel::Surname) => 6,
            (true, ..) => 7,
            (_, NameLevel::Full | NameLevel::Sounds | NameLevel::Spelt, _) => 0,
            (_, NameLevel::Start | NameLevel::BrandSpelt, _) => 1,
            (_, NameLevel::Alike | NameLevel::Differ, _) => 3,
            (_, NameLevel::Missing | NameLevel::Scripts, _) => 4,
            _ => 2,
        };
        let signals = signals(found);
        let from = Feature::ALL.len() + group * SIGNALS.len();
        self.0[from..from + SIGNALS.len()].copy_from_slice(&signals);
    }

    fn set(&mut self, feature: Feature, value: f32) {
        self.0[feature as usize] = value;
    }

    /// 1 for `feature`, and the rarity of the shared value in tens of nats.
    fn rare(&mut self, feature: Feature, rarity_of: Feature, rarity: f32) {
        self.set(feature, 1.0);
        self.set(rarity_of, rarity / 10.0);
    }

    fn name(&mut self, found: &Comparison) {
        use Feature as F;
        let weight = found.name_weight;
        let trade = found.trade.unwrap_or(0.5) - 0.5;
        match found.name {
            NameLevel::Full => {
                self.rare(F::Full, F::FullRarity, weight.rarity);
                self.set(F::FullSpread, weight.spread);
            }
            NameLevel::Sounds => self.rare(F::Sounds, F::SoundsRarity, weight.rarity),
            NameLevel::Spelt => self.rare(F::Spelt, F::SpeltRarity, weight.rarity),
            NameLevel::Start => {
                self.rare(F::Start, F::StartRarity, weight.rarity);
                self.set(F::StartSpread, weight.spread);
                self.set(F::StartLong, (found.shared_chars.min(5) as f32 - 2.0) / 3.0);
            }
            NameLevel::Brand | NameLevel::BrandSounds => {
                self.rare(F::Brand, F::BrandRarity, weight.rarity);
                self.set(F::BrandTrade, trade);
                self.set(F::BrandSounds, f32::from(u8::from(found.name == NameLevel::BrandSounds)));
            }
            NameLevel::BrandSpelt => self.rare(F::BrandSpelt, F::BrandSpeltRarity, weight.rarity),
            NameLevel::End => self.rare(F::End, F::EndRarity, weight.rarity),
            NameLevel::Abbreviated => self.rare(F::Abbreviated, F::AbbreviatedRarity, weight.rarity),
            NameLevel::Near => {
                self.rare(F::Near, F::NearRarity, weight.rarity);
                self.set(F::NearLikeness, (found.name_likeness - 0.7) / 0.3);
            }
            NameLevel::Alike => {
                self.set(F::Alike, 1.0);
                self.set(F::AlikeLikeness, (found.name_likeness - 0.4) / 0.3);
            }
            NameLevel::Scripts => self.set(F::Scripts, 1.0),
            NameLevel::Differ => self.set(F::NameDiffers, 1.0),
            NameLevel::Missing => {}
        }
    }

    fn person(&mut self, found: &Comparison) {
        use Feature as F;
        match found.person {
            PersonLevel::Same => self.rare(F::SelfSame, F::SelfSameRarity, found.person_weight.rarity),
            PersonLevel::Sounds => self.set(F::SelfSounds, 1.0),
            PersonLevel::Near => self.set(F::SelfNear, 1.0),
            PersonLevel::Surname => self.set(F::SelfSurname, 1.0),
            PersonLevel::Differ => self.set(F::SelfDiffers, 1.0),
            PersonLevel::Missing => {}
        }
        self.set(F::ContactInMail, f32::from(u8::from(found.person_in_mail)));
    }

    fn contact(&mut self, found: &Comparison) {
        use Feature as F;
        match found.person {
            PersonLevel::Same => {
                self.rare(F::ContactSame, F::ContactSameRarity, found.person_weight.rarity);
                self.set(F::ContactSpread, found.person_weight.spread);
            }
            PersonLevel::Sounds => self.set(F::ContactSounds, 1.0),
            PersonLevel::Near => self.set(F::ContactNear, 1.0),
            PersonLevel::Surname => self.set(F::ContactSurname, 1.0),
            PersonLevel::Differ => self.set(F::ContactDiffers, 1.0),
            PersonLevel::Missing => {}
        }
        self.set(F::ContactInMail, f32::from(u8::from(found.person_in_mail)));
    }

    fn meta(&mut self, found: &Comparison) {
        use Feature as F;
        match found.legal {
            LegalLevel::Differ => self.set(F::LegalDiffers, 1.0),
            LegalLevel::Confused => self.set(F::LegalConfused, 1.0),
            LegalLevel::Same | LegalLevel::Unknown => {}
        }
        if found.formal && !found.persons {
            match found.name {
                NameLevel::Start | NameLevel::Brand | NameLevel::End | NameLevel::Abbreviated => {
                    self.set(F::FormalPart, 1.0)
                }
                NameLevel::Sounds | NameLevel::Near | NameLevel::BrandSounds => {
                    self.set(F::FormalSounds, 1.0)
                }
                _ => {}
            }
            if matches!(found.name_regions, Some(Regions::Apart | Regions::Province)) {
                self.set(F::FormalRegions, 1.0);
            }
        }
        if found.group_differs {
            self.set(F::GroupDiffers, 1.0);
        }
        match found.branches {
            Branches::None => {}
            Branches::Same => self.set(F::BranchSame, 1.0),
            Branches::One => self.set(F::BranchOne, 1.0),
            Branches::Differ => self.set(F::BranchDiffers, 1.0),
        }
        match found.name_regions {
            Some(Regions::Same | Regions::City) => self.set(F::RegionSame, 1.0),
            Some(Regions::Inside) => self.set(F::RegionInside, 1.0),
            Some(Regions::Province) => self.set(F::RegionProvince, 1.0),
            Some(Regions::Apart) => {
                self.set(F::RegionApart, 1.0);
                if found.name == NameLevel::Full {
                    self.set(F::RegionApartFull, 1.0);
                }
            }
            Some(Regions::Unknown) | None => {}
        }
        match found.all_regions {
            Some(Regions::Same) => self.set(F::PlacesSame, 1.0),
            Some(Regions::City | Regions::Inside) => self.set(F::PlacesCity, 1.0),
            Some(Regions::Province | Regions::Apart) => self.set(F::PlacesApart, 1.0),
            Some(Regions::Unknown) | None => {}
        }
    }

    fn phone_and_mail(&mut self, found: &Comparison) {
        use Feature as F;
        match found.phone {
            PhoneLevel::Same | PhoneLevel::Local => {
                self.rare(F::PhoneSame, F::PhoneRarity, found.phone_weight.rarity);
                self.set(F::PhoneSpread, found.phone_weight.spread);
                self.set(F::PhoneLocal, f32::from(u8::from(found.phone == PhoneLevel::Local)));
            }
            PhoneLevel::Near => self.set(F::PhoneNear, 1.0),
            PhoneLevel::Kinds => self.set(F::PhoneKinds, 1.0),
            PhoneLevel::Differ => self.set(F::PhoneDiffers, 1.0),
            PhoneLevel::Missing => {}
        }
        match found.mail {
            MailLevel::Same => self.rare(F::MailSame, F::MailSpread, 10.0 * found.mail_weight.spread),
            MailLevel::Near => self.set(F::MailNear, 1.0),
            MailLevel::Name => self.set(F::MailName, 1.0),
            MailLevel::Differ => self.set(F::MailDiffers, 1.0),
            MailLevel::Missing => {}
        }
        match found.domain {
            DomainLevel::Same => self.rare(F::DomainSame, F::DomainSpread, 10.0 * found.domain_weight.spread),
            DomainLevel::Near => self.set(F::DomainNear, 1.0),
            DomainLevel::Differ => self.set(F::DomainDiffers, 1.0),
            DomainLevel::Missing => {}
        }
        self.set(F::DomainName, f32::from(u8::from(found.name_in_domain)));
    }

    fn address_and_code(&mut self, found: &Comparison) {
        use Feature as F;
        match found.address {
            AddressLevel::Room => self.set(F::Room, 1.0),
            AddressLevel::House => self.set(F::House, 1.0),
            AddressLevel::OtherRoom => self.set(F::OtherRoom, 1.0),
            AddressLevel::NearHouse => self.set(F::NearHouse, 1.0),
            AddressLevel::Road => self.set(F::Road, 1.0),
            AddressLevel::Differ => self.set(F::AddressDiffers, 1.0),
            AddressLevel::Missing => {}
        }
        if found.address <= AddressLevel::OtherRoom {
            self.set(F::AddressSpread, found.address_weight.spread);
        }
        match found.code {
            CodeLevel::Same => self.rare(F::CodeSame, F::CodeSpread, 10.0 * found.code_weight.spread),
            CodeLevel::Organisation => {
                self.rare(F::CodeOrganisation, F::CodeSpread, 10.0 * found.code_weight.spread)
            }
            CodeLevel::Near => self.set(F::CodeNear, 1.0),
            CodeLevel::Doubtful => self.set(F::CodeDoubtful, 1.0),
            CodeLevel::Differ => self.set(F::CodeDiffers, 1.0),
            CodeLevel::Missing => {}
        }
    }

    fn western(&mut self, found: &Comparison) {
        use Feature as F;
        let Some(western) = &found.western else { return };
        self.set(F::Western, 1.0);
        let mut graded = |value: Option<f32>, agrees: F, differs: F, from: f32| {
            if let Some(value) = value {
                self.set(agrees, ((value - from) / (1.0 - from)).max(0.0));
                self.set(differs, f32::from(u8::from(value < from)));
            }
        };
        graded(western.given, F::Given, F::GivenDiffers, 0.7);
        graded(western.surname, F::Surname, F::SurnameDiffers, 0.7);
        graded(western.born, F::Born, F::BornDiffers, 0.7);
        graded(western.street, F::Street, F::StreetDiffers, 0.7);
        graded(
            western.street_number.map(|same| f32::from(u8::from(same))),
            F::StreetNumber,
            F::StreetNumberDiffers,
            0.5,
        );
        graded(western.line, F::Line, F::LineDiffers, 0.7);
        graded(western.suburb, F::Suburb, F::SuburbDiffers, 0.7);
        graded(western.postcode, F::Postcode, F::PostcodeDiffers, 0.7);
        match western.identifier {
            Some(1.0) => self.set(F::Identifier, 1.0),
            Some(near) if near >= 0.7 => self.set(F::IdentifierNear, 1.0),
            Some(_) => self.set(F::IdentifierDiffers, 1.0),
            None => {}
        }
    }

    /// What the fields say together that none says alone.
    fn together(&mut self, found: &Comparison) {
        use Feature as F;
        let (agreements, differences) = evidence(found);
        match agreements {
            0 => self.set(F::NoAgreement, 1.0),
            1 => self.set(F::OneAgreement, 1.0),
            2 => self.set(F::TwoAgreements, 1.0),
            _ => {}
        }
        if found.persons {
            let against = found.phone == PhoneLevel::Differ;
            self.set(
                F::SelfPhone,
                f32::from(u8::from(found.phone <= PhoneLevel::Local && found.person < PersonLevel::Differ)),
            );
            self.set(F::SelfAgainst, f32::from(u8::from(against && agreements <= 1)));
            return;
        }
        let good = found.name <= NameLevel::Start;
        let bad = matches!(found.name, NameLevel::Differ | NameLevel::Alike);
        let contact = found.person <= PersonLevel::Sounds;
        match (good, bad) {
            (true, _) => {
                self.set(F::GoodNameAlone, f32::from(u8::from(agreements == 0)));
                self.set(F::GoodNameAgainst, differences as f32 / if agreements == 0 { 1.0 } else { 3.0 });
            }
            (_, true) => {
                self.set(F::BadNameOne, f32::from(u8::from(agreements <= 1)));
                self.set(F::BadNameTwo, f32::from(u8::from(agreements == 2)));
                self.set(F::BadNameContact, f32::from(u8::from(agreements <= 2 && contact)));
            }
            _ => {
                self.set(F::WeakNameNone, f32::from(u8::from(agreements == 0)));
                self.set(F::WeakNameOne, f32::from(u8::from(agreements == 1)));
                self.set(F::WeakNameTwo, f32::from(u8::from(agreements == 2)));
            }
        }
        let moved = found.phone <= PhoneLevel::Local && contact && !good;
        self.set(F::PhoneAgainstContact, f32::from(u8::from(moved)));
    }
}

/// The numbers of [`SIGNALS`].
fn signals(found: &Comparison) -> [f32; SIGNALS.len()] {
    let phone = found.phone <= PhoneLevel::Local;
    let contact = found.person <= PersonLevel::Sounds || found.person_in_mail;
    let address = found.address <= AddressLevel::NearHouse;
    let phone_differs = found.phone == PhoneLevel::Differ;
    let contact_differs = found.person == PersonLevel::Differ && !found.person_in_mail;
    let flag = |is: bool| f32::from(u8::from(is));
    [
        flag(phone),
        flag(phone_differs),
        if phone { found.phone_weight.spread } else { 0.0 },
        flag(contact && !found.persons),
        flag(found.person == PersonLevel::Surname),
        flag(contact_differs && !found.persons),
        flag(found.domain == DomainLevel::Same),
        flag(found.domain == DomainLevel::Differ),
        flag(found.mail == MailLevel::Same),
        flag(address),
        flag(found.address == AddressLevel::Differ),
        flag(found.code <= CodeLevel::Near),
        flag(found.code == CodeLevel::Doubtful),
        flag(matches!(found.name_regions, Some(Regions::Apart | Regions::Province))),
        flag(matches!(found.all_regions, Some(Regions::Apart | Regions::Province))),
        flag(found.formal),
        flag(phone && contact && !found.persons),
        flag(phone && contact_differs),
        flag(contact && phone_differs && !found.persons),
        flag(address && phone_differs),
    ]
}

/// How many independent fields besides the name agree, and how many differ.
fn evidence(found: &Comparison) -> (usize, usize) {
    let agree = [
        found.phone <= PhoneLevel::Local && found.phone_weight.count <= 20,
        found.mail <= MailLevel::Near || found.domain == DomainLevel::Same,
        found.address <= AddressLevel::House,
        found.code <= CodeLevel::Near,
        found.person <= PersonLevel::Sounds || found.person_in_mail,
        found.western.is_some_and(|w| w.identifier == Some(1.0)),
    ];
    let differ = [
        found.phone == PhoneLevel::Differ,
        found.domain == DomainLevel::Differ,
        found.address == AddressLevel::Differ,
        found.code == CodeLevel::Differ,
        found.person == PersonLevel::Differ,
        matches!(found.name_regions, Some(Regions::Apart)),
    ];
    let count = |all: &[bool]| all.iter().filter(|x| **x).count();
    (count(&agree), count(&differ))
}
