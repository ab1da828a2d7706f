//! The load state: one flat type with a slot for each relationship and deferred column.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::parts::{Parts, Slot, doc};

pub(super) fn load(parts: &Parts<'_>) -> TokenStream {
    let definition = definition(parts);
    let load = load_impl(parts);
    let slots: TokenStream = (0..parts.slots.len()).map(|at| slot_impls(parts, at)).collect();
    let merging = merging(parts);
    quote!(#definition #load #slots #merging)
}

fn definition(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, vis, name, load, .. } = parts;
    let quiet = parts.quiet();
    let doc = doc(&format!("What is known to be loaded of a `{name}`, slot by slot."));
    let parameters = parts
        .slots
        .iter()
        .map(|Slot { parameter, attribute, .. }| quote!(#parameter = #root::load::Unloaded<#attribute>));
    let names = parts.slots.iter().map(|slot| &slot.parameter);
    // Spanned at the entity: messages that show where the load state is declared show the entity.
    quote_spanned! {parts.ident.span()=>
        #doc
        #quiet
        #vis struct #load<#(#parameters),*>(::core::marker::PhantomData<fn() -> (#(#names,)*)>);
    }
}

fn load_impl(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, ident, owned, .. } = parts;
    let parameters = parts.slot_parameters();
    let this = parts.load_of_parameters();
    let names: Vec<_> = parts.slots.iter().map(|slot| &slot.parameter).collect();
    let stored: Vec<_> = parts.slots.iter().map(|slot| &slot.stored).collect();
    // An entity without slots uses neither.
    let (shape, detacher) = match names.is_empty() {
        true => (quote!(#root::load::Shape::default()), quote!(_)),
        false => (
            quote! {
                let mut shape = #root::load::Shape::default();
                #(<#names as #root::load::Slot>::describe(&mut shape);)*
                shape
            },
            quote!(detacher),
        ),
    };
    let [held, node, sources] = match names.is_empty() {
        true => [quote!(_), quote!(_), quote!(_)],
        false => [quote!(owned), quote!(node), quote!(sources)],
    };
    quote! {
        #[automatically_derived]
        impl<#parameters> #root::load::Load<#ident> for #this {
            type Owned = #owned<#(#names),*>;

            fn shape() -> #root::load::Shape {
                #shape
            }

            fn of_row(row: #root::handle::OwnedRow<#ident>) -> ::core::option::Option<Self::Owned> {
                ::core::option::Option::Some(#owned {
                    row,
                    #(#stored: <#names as #root::load::Slot>::absent()?,)*
                })
            }

            fn detach(src: #root::handle::Src<'_, #ident>, #detacher: &mut #root::handle::Detacher) -> Self::Owned {
                #owned {
                    row: #root::handle::OwnedRow::of(src),
                    #(#stored: <#names as #root::load::Slot>::detach(src, detacher),)*
                }
            }

            fn row(owned: &Self::Owned) -> &#root::handle::OwnedRow<#ident> {
                &owned.row
            }

            fn row_mut(owned: &mut Self::Owned) -> &mut #root::handle::OwnedRow<#ident> {
                &mut owned.row
            }

            fn gather(
                #held: &Self::Owned,
                #node: ::core::primitive::usize,
                #sources: &mut #root::handle::Sources,
            ) {
                #(<#names as #root::load::Slot>::gather(&owned.#stored, node, sources);)*
            }
        }
    }
}

/// What the slot at this place is, and what it becomes when something is merged into it.
fn slot_impls(parts: &Parts<'_>, at: usize) -> TokenStream {
    let Parts { root, .. } = parts;
    let Slot { attribute, parameter, .. } = &parts.slots[at];
    let bounded = |bound: TokenStream| -> TokenStream {
        let each = parts.slots.iter().map(|slot| {
            let name = &slot.parameter;
            if *name == *parameter { quote!(#name: #bound,) } else { quote!(#name,) }
        });
        each.collect()
    };
    let has = bounded(quote!(#root::load::Slot<Attribute = #attribute>));
    let put = bounded(quote!(#root::load::MergeSlot<__S>));
    let this = parts.load_of_parameters();
    let output = parts.load_of(|slot| {
        let name = &slot.parameter;
        if *name == *parameter { quote!(<#name as #root::load::MergeSlot<__S>>::Output) } else { quote!(#name) }
    });
    // Not `do_not_recommend`: what speaks is the slot that cannot be merged.
    let put = quote_spanned! {parts.slots[at].field().span()=>
        #[automatically_derived]
        impl<__S, #put> #root::load::PutSlot<#attribute, __S> for #this {
            type Output = #output;
        }
    };
    quote! {
        #[automatically_derived]
        impl<#has> #root::load::HasSlot<#attribute> for #this {
            type Slot = #parameter;
        }

        #put
    }
}

/// Two load states that meet, slot by slot.
fn merging(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, ident, owned, .. } = parts;
    let pairwise = |bound: &TokenStream| -> TokenStream {
        let mine = parts.slots.iter().map(|Slot { parameter, other, .. }| quote!(#parameter: #bound<#other>,));
        let theirs = parts.slots.iter().map(|Slot { other, .. }| quote!(#other,));
        mine.chain(theirs).collect()
    };
    let merge = quote!(#root::load::MergeSlot);
    let union = pairwise(&merge);
    let at_least = pairwise(&quote!(#root::load::SlotAtLeast));
    let narrow: TokenStream = parts
        .slots
        .iter()
        .map(|Slot { parameter, other, attribute, .. }| {
            quote! {
                #parameter: #root::load::Slot<Attribute = #attribute> + #root::load::NarrowSlot<#other>,
                #other: #root::load::Slot<Attribute = #attribute>,
            }
        })
        .collect();
    let this = parts.load_of_parameters();
    let other = parts.load_of(|Slot { other, .. }| quote!(#other));
    let output = parts.load_of(|Slot { parameter, other, .. }| quote!(<#parameter as #merge<#other>>::Output));
    // Neither this nor `Narrow` is `do_not_recommend`: the slot that is lacking speaks.
    let at_least = quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl<#at_least> #root::load::AtLeast<#other> for #this {}
    };
    let narrowed = parts.slots.iter().map(|Slot { parameter, other, stored, .. }| {
        quote!(#stored: <#parameter as #root::load::NarrowSlot<#other>>::narrow(owned.#stored))
    });
    let forget = quote! {
        fn narrow(owned: Self::Owned) -> <#other as #root::load::Load<#ident>>::Owned {
            #owned { row: owned.row, #(#narrowed,)* }
        }
    };
    let narrow = quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl<#narrow> #root::load::Narrow<#ident, #other> for #this {
            #forget
        }
    };
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<#union> #root::load::Union<#other> for #this {
            type Output = #output;
        }

        #at_least

        #narrow
    }
}
